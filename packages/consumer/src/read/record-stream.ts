import { InvalidRequestError } from '@kafkado/core'
import { requireInteger } from '@kafkado/core/internal'
import { requireFunction } from '../settings/consumer-arguments.ts'
import type { FailureHandler } from '../dead-letter/dead-letter.ts'

/**
 * Gives a stream its items. Unlike an AsyncIterator, it can be told that an item is finished before the next one is
 * asked for. So the last item of `take(n)` counts as processed without fetching another one.
 */
export interface ItemSource<T> {
  /**
   * The next item; the previous one then counts as processed. Undefined at the end. A promise only when no item is
   * available: for many available items it would cost more than everything else.
   */
  next(): { readonly item: T } | Promise<{ readonly item: T } | undefined>
  /** The last item was processed, and no other is wanted now. */
  finish(): void
  /** No more items are wanted. */
  end(): Promise<void>
}

/** A lazy sequence of what a consumer reads: reading begins when you iterate it. Each method returns a new stream. */
export class RecordStream<T> implements AsyncIterable<T> {
  readonly #open: () => ItemSource<T>

  /** @internal made by a consumer */
  constructor(open: () => ItemSource<T>) {
    this.#open = open
  }

  /**
   * Ends after `count` items, and leaves the group. The last item counts as processed when its turn of the loop has
   * ended.
   */
  take(count: number): RecordStream<T> {
    // Infinity means all of them.
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

  /** Keeps only the items for which `predicate` is true; the others count as processed. */
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
   * Calls and awaits `handle` for one item after the other, until the stream ends or an error occurs.
   *
   * @param options `onFailure` handles an item whose handling failed, such as {@link deadLetter}; once it resolves, the
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
        // A loop calls `return` when its own body throws, but not when `next` does.
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

/** The error for a second call: nobody could tell which item the next call finishes. */
export function overlapping(): InvalidRequestError {
  return new InvalidRequestError(
    'next() was called while an earlier call waits for its record: await that one first, ' +
      'or use parallel() for many records at a time',
  )
}
