import { InvalidRequestError } from '@kafkado/core'
import { headersAsText } from '@kafkado/core/internal'
import {
  type BuildProcessor,
  enter,
  type Forward,
  type NodeContext,
  type RecordContext,
  type RecordSnapshot,
} from './processor.ts'
import type { ValueFunction } from './stateless.ts'

export interface AsyncOptions {
  readonly concurrency: number
  readonly order: 'key' | 'partition'
}

interface Work {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly snapshot: RecordSnapshot
  result: unknown
  failure: { readonly error: unknown } | undefined
  isDone: boolean
}

/** Up to this many times its concurrency, records wait before the function; then the task takes no more. */
const waitingPerRunning = 2

/**
 * Maps values by an asynchronous function, several at a time, and forwards the results in the order of the partition,
 * or of each key.
 *
 * @throws InvalidRequestError when the concurrency is no whole number from 1 up
 */
export function mapAsyncProcessor(
  map: ValueFunction<Promise<unknown>>,
  { concurrency, order }: AsyncOptions,
): BuildProcessor {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new InvalidRequestError(`mapAsync: concurrency must be a whole number from 1 up, got ${String(concurrency)}`)
  return (context, forward, _late, name) => {
    const calls = new AsyncCalls({ map, concurrency, order, context, forward, name })
    return [(key, value, timestamp) => calls.begin(key, value, timestamp)]
  }
}

interface CallParts extends AsyncOptions {
  readonly map: ValueFunction<Promise<unknown>>
  readonly context: NodeContext
  readonly forward: Forward
  readonly name: string
}

/** The calls of one operator in one task. */
class AsyncCalls {
  readonly #parts: CallParts
  readonly #waiting: Work[] = []
  /** Calls under way or waiting to be forwarded: in one list, or in one per key. */
  readonly #lanes = new Map<unknown, Work[]>()
  #running = 0
  #count = 0

  constructor(parts: CallParts) {
    this.#parts = parts
  }

  begin(key: unknown, value: unknown, timestamp: number): void {
    const { context, name } = this.#parts
    enter(context, name, timestamp)
    const work: Work = {
      key,
      value,
      timestamp,
      snapshot: context.snapshot(),
      result: undefined,
      failure: undefined,
      isDone: false,
    }
    const lane = this.#laneOf(work)
    const list = this.#lanes.get(lane)
    if (list) list.push(work)
    else this.#lanes.set(lane, [work])
    this.#waiting.push(work)
    this.#count++
    context.asynchronous.begin(this.#isFull)
    this.#start()
  }

  get #isFull(): boolean {
    return this.#count >= this.#parts.concurrency * waitingPerRunning
  }

  #laneOf(work: Work): unknown {
    return this.#parts.order === 'key' ? work.key : undefined
  }

  #start(): void {
    while (this.#running < this.#parts.concurrency) {
      const work = this.#waiting.shift()
      if (!work) return
      this.#running++
      void this.#run(work)
    }
  }

  async #run(work: Work): Promise<void> {
    const { map, context } = this.#parts
    try {
      work.result = await map(work.value, work.key, kept(work.snapshot))
    } catch (error) {
      work.failure = { error }
    }
    work.isDone = true
    this.#running--
    if (context.asynchronous.isOver) return
    try {
      this.#handOn(this.#laneOf(work))
      this.#start()
    } catch (error) {
      context.asynchronous.fail(error)
    }
  }

  #handOn(lane: unknown): void {
    const { context, forward, name } = this.#parts
    const list = this.#lanes.get(lane) ?? []
    let first = list[0]
    for (; first?.isDone; first = list[0]) {
      list.shift()
      const { key, result, failure, timestamp, snapshot } = first
      context.resume(snapshot, () => {
        context.operator = name
        if (failure) throw failure.error
        forward(key, result, timestamp)
      })
      this.#count--
      context.asynchronous.end(this.#isFull)
    }
    if (list.length === 0) this.#lanes.delete(lane)
  }
}

/** The record for a function that continues later. */
function kept({ record, timestamp, headers }: RecordSnapshot): RecordContext {
  const { topic = '', partition = -1, offset = -1 } = record ?? {}
  return {
    topic,
    partition,
    offset,
    timestamp,
    get headers() {
      return headers ? headersAsText(headers) : (record?.headers ?? {})
    },
  }
}
