import { memory } from '@kafkado/broker'
import { type Consumer, createConsumer, createProducer, seededRandom } from 'kafkado'
import { createAdmin } from '@kafkado/admin'
import { ManualClock } from '@kafkado/testing'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { collect } from '../clients/client-places.ts'
import { until } from '../passing-time.ts'

/** What a reader has processed. */
interface Read {
  readonly processed: readonly number[]
  /** How many it has to process at least, and at most. */
  readonly least: number
  readonly most: number
  /** Whether it left records unprocessed, which others then read again. */
  readonly hasLeft: boolean
}

/** Reads so many records of a consumer that others read at the same time. */
type Reader = (consumer: Consumer<number>, count: number) => Promise<Read>

const exactly = (most: number, processed: readonly number[]): Read => ({ processed, least: most, most, hasLeft: false })
const leaving = (most: number, processed: readonly number[]): Read => ({ processed, least: most, most, hasLeft: true })

const readers = {
  take: async (consumer, count) =>
    exactly(
      count,
      (await collect(consumer.take(count))).map(({ value }) => value),
    ),
  'map and take': async (consumer, count) =>
    exactly(count, await collect(consumer.map(({ value }) => value).take(count))),
  'filter and take': async (consumer, count) =>
    exactly(
      count,
      (await collect(consumer.filter(() => true).take(count))).map(({ value }) => value),
    ),
  'forEach of take': async (consumer, count) => {
    const processed: number[] = []
    await consumer.take(count).forEach(async ({ value }) => {
      await Promise.resolve()
      processed.push(value)
    })
    return exactly(count, processed)
  },
  'batches of one': async (consumer, count) => {
    const batches = await collect(consumer.batches({ size: 1, timeout: '1s' }).take(count))
    return exactly(
      count,
      batches.flatMap(({ records }) => records.map(({ value }) => value)),
    )
  },
  'a batch': async (consumer, count) => {
    const batches = await collect(consumer.batches({ size: count, timeout: '1s' }).take(1))
    // It is shorter when others give records back meanwhile.
    return {
      ...exactly(
        count,
        batches.flatMap(({ records }) => records.map(({ value }) => value)),
      ),
      least: 1,
    }
  },
  'a loop that breaks': async (consumer, count) => {
    const processed: number[] = []
    for await (const { value } of consumer) {
      if (processed.length === count - 1) break
      processed.push(value)
    }
    return leaving(count - 1, processed)
  },
  'a loop that throws': async (consumer, count) => {
    const processed: number[] = []
    const running = consumer.forEach(({ value }) => {
      if (processed.length === count - 1) throw new Error('enough')
      processed.push(value)
    })
    await expect(running).rejects.toThrow('enough')
    return leaving(count - 1, processed)
  },
  parallel: async (consumer, count) => {
    const processed: number[] = []
    const stop = new AbortController()
    await consumer.parallel({ concurrency: 2, signal: stop.signal }, async ({ value }) => {
      await Promise.resolve()
      processed.push(value)
      if (processed.length >= count) stop.abort()
    })
    return { ...leaving(count, processed), most: Infinity }
  },
  'parallel that fails': async (consumer, count) => {
    const processed: number[] = []
    const running = consumer.parallel({ concurrency: 2, ordering: 'unordered' }, async ({ value }) => {
      await Promise.resolve()
      if (processed.length === count - 1) throw new Error('enough')
      processed.push(value)
    })
    await expect(running).rejects.toThrow('enough')
    return { ...leaving(count - 1, processed), most: Infinity }
  },
  next: async (consumer, count) => {
    const read: number[] = []
    while (read.length < count) read.push((await consumer.next()).value)
    // The last one counts as processed when the next one is asked for.
    return leaving(count - 1, read.slice(0, -1))
  },
} satisfies Record<string, Reader>

type Kind = keyof typeof readers
const kinds = Object.keys(readers) as Kind[]

interface Plan {
  readonly partitions: number
  readonly readers: readonly { readonly kind: Kind; readonly count: number }[]
  readonly more: number
}

const reader = fc.record({ kind: fc.constantFrom(...kinds), count: fc.integer({ min: 1, max: 40 }) })

const plan: fc.Arbitrary<Plan> = fc.record({
  partitions: fc.integer({ min: 1, max: 3 }),
  // One call of next() at a time is allowed.
  readers: fc
    .array(reader, { minLength: 2, maxLength: 5 })
    .filter((some) => some.filter(({ kind }) => kind === 'next').length <= 1),
  more: fc.integer({ min: 0, max: 20 }),
})

/** Handlers of parallel() that run beside the last one that counts process records of others. */
const mostInParallel = 5

async function carryOut({ partitions, readers: wanted, more }: Plan): Promise<void> {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  const engine = memory({ runtime })
  const passing = async <T>(promise: Promise<T>): Promise<T> => {
    const overMs = clock.monotonic() + 60_000
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    await until(() => isSettled || clock.monotonic() > overMs, clock, 50)
    expect(isSettled ? 'done' : 'reading stands still').toBe('done')
    return promise
  }
  const values = Array.from(
    { length: wanted.reduce((sum, { count }) => sum + count, more + mostInParallel) },
    (_, value) => value,
  )
  await passing(createAdmin(engine).createTopic('in', { partitions }))
  const producer = createProducer<number>(engine, 'in', { runtime })
  await passing(producer.sendBatch(values.map((value) => ({ value, partition: value % partitions }))))
  await passing(producer.close())
  const made = (): Consumer<number> => createConsumer<number>(engine, 'in', { group: 'g', runtime })
  const consumer = made()
  const reads = await passing(Promise.all(wanted.map(({ kind, count }) => readers[kind](consumer, count))))
  for (const { processed, least, most } of reads) {
    expect(processed.length).toBeGreaterThanOrEqual(least)
    expect(processed.length).toBeLessThanOrEqual(most)
  }
  const processed = reads.flatMap((read) => read.processed)
  if (!reads.some(({ hasLeft }) => hasLeft)) expect(new Set(processed).size).toBe(processed.length)
  // The last reader has left the group; next() leaves it with close().
  if (wanted.some(({ kind }) => kind === 'next')) await passing(consumer.close())
  const { members } = await passing(createAdmin(engine).describeGroup('g'))
  expect(members).toEqual([])
  // What the readers have not processed is not committed, so whoever comes next reads it.
  const missing = new Set(values)
  for (const value of processed) missing.delete(value)
  const later = made()
  const rest = async (): Promise<void> => {
    while (missing.size > 0) missing.delete((await later.next()).value)
  }
  await passing(rest())
  await passing(later.close())
  await passing(consumer.close())
  await passing(engine.close())
  expect(clock.pendingTimers).toBe(0)
}

const runs = Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 200)

it(
  `readers of one consumer at a time each get their number, and nothing is lost: ${runs} runs`,
  { timeout: runs * 1000 },
  async () => {
    await fc.assert(fc.asyncProperty(plan, carryOut), { numRuns: runs })
  },
)
