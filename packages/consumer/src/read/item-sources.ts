import type { Clock, KafkaRecord } from '@kafkado/core'
import { yieldToEventLoop } from '@kafkado/core/internal'
import type { RecordFeed } from '../fetch/record-feed.ts'
import type { ConsumerSession } from '../session/consumer-session.ts'
import type { RecordSlice } from '../partition/record-slice.ts'
import { Batch, slicesOf } from './batches.ts'
import { Breath } from './breath.ts'
import type { ItemSource } from './record-stream.ts'

/** How to take one kind of item from a session, and when the item counts as processed. */
export interface ItemKind<V, K, T> {
  /** An item that is already available. */
  poll?(session: ConsumerSession<V, K>): T | undefined
  /** @param ending aborts when no item is wanted any more */
  take(session: ConsumerSession<V, K>, ending: AbortSignal): Promise<{ item: T } | undefined>
  processed(session: ConsumerSession<V, K>, item: T): void
  /** The item was not processed, and is for other readers. */
  released(session: ConsumerSession<V, K>, item: T): void
}

export function oneRecord<V, K>(): ItemKind<V, K, KafkaRecord<V, K>> {
  return {
    poll: ({ arrivals, feed }) => (arrivals.isOpen ? feed.poll() : undefined),
    async take({ feed }, ending) {
      const record = await feed.next(ending)
      return record && { item: record }
    },
    processed: ({ work }, record) => work.finish(record),
    released: ({ work }, record) => work.release(record),
  }
}

/** A full batch, or the records that arrived within `timeoutMs` after the first. */
export function oneBatch<V, K>(size: number, timeoutMs: number, clock: Clock): ItemKind<V, K, Batch<V, K>> {
  return {
    async take(session, ending) {
      const { feed } = session
      const nextSlice = (): Promise<RecordSlice<V, K> | undefined> => feed.nextSlice(size, ending)
      for (let first = await nextSlice(); first; first = await nextSlice()) {
        const gathered = await gather(first, feed, size, { clock, timeoutMs, ending })
        // If a partition was lost or moved meanwhile, its gathered records come again to their next reader.
        const slices = gathered.filter((slice) => session.work.arePresent(slice))
        if (slices.length > 0) return { item: new Batch(slices) }
      }
      return undefined
    },
    processed: ({ work }, batch) => slicesOf(batch).forEach((slice) => work.finishAll(slice)),
    released: ({ work }, batch) => slicesOf(batch).forEach((slice) => work.releaseAll(slice)),
  }
}

async function gather<V, K>(
  first: RecordSlice<V, K>,
  feed: RecordFeed<V, K>,
  size: number,
  { clock, timeoutMs, ending }: { clock: Clock; timeoutMs: number; ending: AbortSignal },
): Promise<RecordSlice<V, K>[]> {
  const slices = [first]
  let left = size - first.length
  if (left === 0) return slices
  const deadline = new AbortController()
  const end = (): void => deadline.abort()
  const timer = clock.schedule(timeoutMs, end)
  ending.addEventListener('abort', end)
  try {
    while (left > 0) {
      const slice = feed.pollSlice(left) ?? (await feed.nextSlice(left, deadline.signal))
      if (!slice) break
      slices.push(slice)
      left -= slice.length
    }
  } finally {
    timer.cancel()
    ending.removeEventListener('abort', end)
  }
  return slices
}

/**
 * A source over the session that is current at the first request; it ends with that session. Other sources over the
 * same session get other records, and it ends with the last of them.
 */
export function openSource<V, K, T>(
  kind: ItemKind<V, K, T>,
  join: () => ConsumerSession<V, K> | undefined,
  clock: Clock,
): ItemSource<T> {
  const breath = new Breath(clock)
  let session: ConsumerSession<V, K> | undefined
  let inHand: { item: T } | undefined
  let isEnded = false
  const ending = new AbortController()
  const finish = (): void => {
    if (session && inHand) kind.processed(session, inHand.item)
    inHand = undefined
  }
  const end = async (): Promise<void> => {
    if (isEnded) return
    isEnded = true
    ending.abort()
    if (!session) return
    session.work.endLoop()
    // The last reader leaves the group, which hands back everything that is unfinished.
    if (inHand && session.work.isRead) kind.released(session, inHand.item)
    await session.readerEnded()
  }
  const wait = async (joined: ConsumerSession<V, K>): Promise<{ item: T } | undefined> => {
    try {
      const taken = await kind.take(joined, ending.signal)
      if (isEnded) return await lateFor(joined, taken)
      inHand = taken
    } catch (error) {
      return fail(error)
    }
    if (!inHand) await end()
    return inHand
  }
  /** The loop ended while it waited. */
  const lateFor = async (joined: ConsumerSession<V, K>, taken: { item: T } | undefined): Promise<undefined> => {
    if (!taken) return
    kind.released(joined, taken.item)
    if (!joined.isStopping) await joined.readerEnded()
  }
  const fail = async (error: unknown): Promise<never> => {
    await end()
    throw error
  }
  const next = (): { item: T } | Promise<{ item: T } | undefined> => {
    if (isEnded) return Promise.resolve(undefined)
    try {
      if (!session) {
        session = join()
        if (!session) return Promise.resolve(undefined)
        session.work.beginLoop()
      }
      finish()
      if (breath.isDue()) return afterBreath(session)
      const item = kind.poll?.(session)
      if (item !== undefined) return (inHand = { item })
    } catch (error) {
      return fail(error)
    }
    return wait(session)
  }
  const afterBreath = async (joined: ConsumerSession<V, K>): Promise<{ item: T } | undefined> => {
    await yieldToEventLoop()
    return isEnded ? undefined : wait(joined)
  }
  return { next, finish, end }
}
