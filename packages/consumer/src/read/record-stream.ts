import { InvalidRequestError } from '@kafkado/core'
import { requireInteger } from '@kafkado/core/internal'
import { requireFunction } from '../settings/consumer-arguments.ts'
import type { FailureHandler } from '../dead-letter/dead-letter.ts'

/**
 * Where a stream takes its items from. It differs from an AsyncIterator in that the end of the work on an item can be
 * told before the next one is asked for: so the last of `take(n)` counts as processed without another one being
 * fetched.
 */
export interface ItemSource<T> {
  /**
   * The next item; the one before it counts as processed. Undefined at the end. A promise only where nothing is there
   * yet: for each of many items that are there already it would cost more than all the rest.
   */
  next(): { readonly item: T } | Promise<{ readonly item: T } | undefined>
  /** The last item was processed, and no other is wanted now. */
  finish(): void
  /** Nothing more is wanted. */
  end(): Promise<void>
}

/** A lazy sequence of what a consumer reads: nothing is read before it is iterated. Each method gives a new stream. */
export class RecordStream<T> implements AsyncIterable<T> {
  readonly #open: () => ItemSource<T>

  /** @internal streams come from a consumer */
  constructor(open: () => ItemSource<T>) {
    this.#open = open
  }

  /**
   * Ends after `count` items, and leaves the group. The last one counts as processed once its turn of the loop has
   * ended.
   */
  take(count: number): RecordStream<T> {
    // Infinity is all of them.
    if (count !== Number.POSITIVE_INFINITY) requireInteger(count, 'take', 0)
    return new RecordStream(() => {
      const source = this.#open()
      let left = count
      const end = async (): Promise<undefined> => {
        source.finish()
        await source.end()
      }
      const next: ItemSource<T>['next'] = () => {
        if (left === 0) return end()
        left--
        return source.next()
      }
      return { next, finish: () => source.finish(), end: () => source.end() }
    })
  }

  /** Leaves out the items for which `predicate` is false; they count as processed. */
  filter<S extends T>(predicate: (item: T) => item is S): RecordStream<S>
  filter(predicate: (item: T) => boolean | Promise<boolean>): RecordStream<T>
  filter(predicate: (item: T) => boolean | Promise<boolean>): RecordStream<T> {
    requireFunction(predicate, 'filter')
    return this.#through(async (source) => {
      for (let found = await source.next(); found; found = await source.next()) {
        if (await predicate(found.item)) return found
      }
      return undefined
    })
  }

  /** Turns each item into another one. */
  map<R>(change: (item: T) => R | Promise<R>): RecordStream<R> {
    requireFunction(change, 'map')
    return this.#through(async (source) => {
      const found = await source.next()
      return found && { item: await change(found.item) }
    })
  }

  /**
   * Calls and awaits `handle` for one item after the other, to the end of the stream or its first error.
   *
   * @param options `onFailure` takes an item whose handling failed, such as {@link deadLetter}: when it resolves the
   *   item counts as processed
   */
  async forEach(handle: (item: T) => unknown, options: { onFailure?: FailureHandler<T> } = {}): Promise<void> {
    requireFunction(handle, 'forEach')
    const { onFailure } = options
    for await (const item of this) {
      try {
        await handle(item)
      } catch (error) {
        if (!onFailure) throw error
        await onFailure(item, error)
      }
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const source = this.#open()
    const done = { done: true, value: undefined } as const
    const resultOf = (found: { readonly item: T } | undefined): IteratorResult<T, undefined> =>
      found ? { done: false, value: found.item } : done
    let isAwaited = false
    return {
      next() {
        if (isAwaited) return Promise.reject(overlapping())
        const found = source.next()
        if (!(found instanceof Promise)) return Promise.resolve(resultOf(found))
        isAwaited = true
        return found.then(resultOf).finally(() => {
          isAwaited = false
        })
      },
      async return() {
        await source.end()
        return done
      },
    }
  }

  #through<R>(next: (source: ItemSource<T>) => Promise<{ item: R } | undefined>): RecordStream<R> {
    return new RecordStream(() => {
      const source = this.#open()
      return {
        // Whoever iterates calls `return` for an error of the loop, but not for one of `next` itself.
        next: () =>
          next(source).catch(async (error: unknown) => {
            await source.end()
            throw error
          }),
        finish: () => source.finish(),
        end: () => source.end(),
      }
    })
  }
}

/** Nobody could tell which item the next call finishes. */
export function overlapping(): InvalidRequestError {
  return new InvalidRequestError(
    'next() was called while an earlier call waits for its record: await that one first, or use parallel() for ' +
      'many records at a time',
  )
}
