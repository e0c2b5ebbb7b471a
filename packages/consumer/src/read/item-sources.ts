import type { Clock, KafkaRecord } from '@kafkado/core'
import { yieldToEventLoop } from '@kafkado/core/internal'
import type { RecordFeed } from '../fetch/record-feed.ts'
import type { ConsumerSession } from '../session/consumer-session.ts'
import { Batch } from './batches.ts'
import { Breath } from './breath.ts'
import type { ItemSource } from './record-stream.ts'

/** How to take one kind of item from a session, and when the item counts as processed. */
export interface ItemKind<V, K, T> {
  /** An item that is already available. */
  poll?(session: ConsumerSession<V, K>): T | undefined
  take(session: ConsumerSession<V, K>): Promise<{ item: T } | undefined>
  processed(session: ConsumerSession<V, K>, item: T): void
}

export function oneRecord<V, K>(): ItemKind<V, K, KafkaRecord<V, K>> {
  return {
    poll: ({ arrivals, feed }) => (arrivals.isOpen ? feed.poll() : undefined),
    async take({ feed }) {
      const record = await feed.next()
      return record && { item: record }
    },
    processed: ({ work }, record) => work.finish(record),
  }
}

/** A full batch, or the records that arrived within `timeoutMs` after the first. */
export function oneBatch<V, K>(size: number, timeoutMs: number, clock: Clock): ItemKind<V, K, Batch<V, K>> {
  return {
    async take(session) {
      const { feed } = session
      for (let first = await feed.next(); first; first = await feed.next()) {
        const gathered = await gather(first, feed, size, timeoutMs, clock)
        // If a partition was lost or moved meanwhile, its gathered records come again to their next reader.
        const records = gathered.filter((record) => session.work.isPresent(record))
        if (records.length > 0) return { item: new Batch(records) }
      }
      return undefined
    },
    processed: ({ work }, batch) => batch.records.forEach((record) => work.finish(record)),
  }
}

async function gather<V, K>(
  first: KafkaRecord<V, K>,
  feed: RecordFeed<V, K>,
  size: number,
  timeoutMs: number,
  clock: Clock,
): Promise<KafkaRecord<V, K>[]> {
  const records = [first]
  const deadline = new AbortController()
  const timer = clock.schedule(timeoutMs, () => deadline.abort())
  try {
    while (records.length < size) {
      const record = feed.poll() ?? (await feed.next(deadline.signal))
      if (!record) break
      records.push(record)
    }
  } finally {
    timer.cancel()
  }
  return records
}

/** A source over the session that is current at the first request; it ends with that session. */
export function openSource<V, K, T>(
  kind: ItemKind<V, K, T>,
  join: () => ConsumerSession<V, K> | undefined,
  clock: Clock,
): ItemSource<T> {
  const breath = new Breath(clock)
  let session: ConsumerSession<V, K> | undefined
  let inHand: { item: T } | undefined
  let isEnded = false
  const finish = (): void => {
    if (session && inHand) kind.processed(session, inHand.item)
    inHand = undefined
  }
  const end = async (): Promise<void> => {
    if (isEnded) return
    isEnded = true
    session?.work.endLoop()
    await session?.stop()
  }
  const wait = async (joined: ConsumerSession<V, K>): Promise<{ item: T } | undefined> => {
    try {
      inHand = await kind.take(joined)
    } catch (error) {
      return fail(error)
    }
    if (!inHand) await end()
    return inHand
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
