import { InvalidRequestError } from '@kafkado/core'
import { headersAsText } from '@kafkado/core/internal'
import { type BuildProcessor, enter, type RecordContext, type RecordSnapshot } from './processor.ts'
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
    const waiting: Work[] = []
    /** Calls under way or waiting to be forwarded: in one list, or in one per key. */
    const lanes = new Map<unknown, Work[]>()
    const laneOf = (work: Work): unknown => (order === 'key' ? work.key : undefined)
    let running = 0
    let count = 0
    const isFull = (): boolean => count >= concurrency * waitingPerRunning

    const handOn = (lane: unknown): void => {
      const list = lanes.get(lane) ?? []
      let first = list[0]
      for (; first?.isDone; first = list[0]) {
        list.shift()
        const { key, result, failure, timestamp, snapshot } = first
        context.resume(snapshot, () => {
          context.operator = name
          if (failure) throw failure.error
          forward(key, result, timestamp)
        })
        count--
        context.asynchronous.end(isFull())
      }
      if (list.length === 0) lanes.delete(lane)
    }
    const start = (): void => {
      while (running < concurrency) {
        const work = waiting.shift()
        if (!work) return
        running++
        void run(work)
      }
    }
    const run = async (work: Work): Promise<void> => {
      try {
        work.result = await map(work.value, work.key, kept(work.snapshot))
      } catch (error) {
        work.failure = { error }
      }
      work.isDone = true
      running--
      if (context.asynchronous.isOver) return
      try {
        handOn(laneOf(work))
        start()
      } catch (error) {
        context.asynchronous.fail(error)
      }
    }
    return [
      (key, value, timestamp) => {
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
        const lane = laneOf(work)
        const list = lanes.get(lane)
        if (list) list.push(work)
        else lanes.set(lane, [work])
        waiting.push(work)
        count++
        context.asynchronous.begin(isFull())
        start()
      },
    ]
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
