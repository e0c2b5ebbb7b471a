import { sleep } from '@kafkado/core/internal'
import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  type KafkaRecord,
  seededRandom,
  TopicNotFoundError,
  type TopicSelection,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, deferred, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

type Handle = (record: KafkaRecord<string>) => unknown

interface Way {
  readonly topics?: TopicSelection<string>[]
  readonly config?: ConsumerConfig
  /** Partitions chosen by hand. */
  readonly chosen?: readonly number[]
  read(consumer: Consumer<string>, handle: Handle): Promise<unknown>
}

const byLoop: Way['read'] = (consumer, handle) => consumer.forEach(handle)

const ways: Record<string, Way> = {
  'a loop': { read: byLoop },
  'next()': {
    read: async (consumer, handle) => {
      for (;;) await handle(await consumer.next())
    },
  },
  batches: {
    read: (consumer, handle) =>
      consumer.batches({ size: 7, timeout: 10 }).forEach(({ records }) => Promise.all(records.map(handle))),
  },
  parallel: { read: (consumer, handle) => consumer.parallel({ concurrency: 3 }, handle) },
  'without commits of its own': { config: { autoCommit: false }, read: byLoop },
  'without a group': { config: { group: undefined }, read: byLoop },
  'chosen partitions': { chosen: [0, 1], read: byLoop },
  'a pattern': { topics: [/^o(rders|ther)$/], read: byLoop },
  'from the end': { config: { offset: 'latest' }, read: byLoop },
}

describe.each(Object.entries(places))('a topic that is made anew, on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: Consumer<string>[]
  let read: string[]

  beforeEach(async () => {
    clock = new ManualClock()
    ;[made, read] = [[], []]
    under = await place({ clock, heartbeatInterval: 50 })
    await under.kafka.admin.createTopic('orders', { partitions: 2 })
    await under.kafka.admin.createTopic('other', { partitions: 1 })
  })
  afterEach(async () => {
    await passing(Promise.all(made.map((one) => one.close())))
    await under.close()
  })

  const passing = <T>(promise: Promise<T>): Promise<T> => inTime(promise, clock, 20)

  function reading(
    way: Way,
    handle: Handle = () => undefined,
  ): { consumer: Consumer<string>; ended: Promise<unknown> } {
    const runtime = { clock, random: seededRandom(made.length + 1) }
    const topics = way.topics ?? ['orders', 'other']
    const consumer = createConsumer<string>(under.transport, topics, {
      group: 'g',
      rebalanceTimeout: '5s',
      runtime,
      ...way.config,
    })
    made.push(consumer)
    if (way.chosen)
      consumer.assign([
        ...way.chosen.map((partition) => ({ topic: 'orders', partition })),
        { topic: 'other', partition: 0 },
      ])
    const ended = way
      .read(consumer, async (record) => {
        read.push(`${record.topic} ${record.value}`)
        await handle(record)
      })
      .catch((error: unknown) => error)
    return { consumer, ended }
  }

  /** Writes that many records to each partition, with values named after `name`. */
  async function write(name: string, counts: readonly number[], topic = 'orders'): Promise<string[]> {
    const records = counts.flatMap((count, partition) =>
      Array.from({ length: count }, (_, index) => ({ value: `${name} ${partition}/${index}`, partition })),
    )
    await under.kafka.producer<string>(topic).sendBatch(records)
    return records.map(({ value }) => `${topic} ${value}`)
  }

  const isRead = (values: readonly string[]): Promise<void> =>
    until(() => values.every((value) => read.includes(value)), clock, 20)

  async function makeAnew(partitions: number): Promise<void> {
    await under.kafka.admin.deleteTopic('orders')
    await under.kafka.admin.createTopic('orders', { partitions })
  }

  async function committed(): Promise<number[]> {
    const { offsets } = await under.kafka.admin.describeGroup('g')
    return offsets
      .filter(({ topic }) => topic === 'orders')
      .map(({ committed: offset }) => offset ?? -1)
      .filter((offset) => offset >= 0)
  }

  const cases = Object.keys(ways).flatMap((way) => [1, 2, 3].map((partitions) => ({ way, partitions })))

  it.each(cases)(
    'is read from its start, once, by $way: with $partitions partitions instead of 2, twice',
    async (one) => {
      const way = ways[one.way] as Way
      const { consumer } = reading(way)
      await until(
        () => consumer.health().partitions.filter(({ position }) => position !== undefined).length === 3,
        clock,
      )
      await isRead(await write('old', [5, 5]))
      // A group that chose its partitions reads no others.
      const readable = way.chosen ? Math.min(one.partitions, 2) : one.partitions
      const expected: string[] = []
      for (const name of ['new', 'newest']) {
        await makeAnew(one.partitions)
        const written = await write(
          name,
          Array.from({ length: one.partitions }, () => 8),
        )
        expected.push(...written.filter((value) => Number(/ (\d)\//.exec(value)?.[1]) < readable))
        await isRead(expected)
      }
      await isRead(await write('also', [2], 'other'))
      expect(read.filter((value) => value.startsWith('orders new'))).toHaveLength(expected.length)
      expect(consumer.health()).toMatchObject({ isHealthy: true, missingTopics: [] })
      if (way.config?.group === undefined && way.config && 'group' in way.config) return
      if (way.config?.autoCommit === false) await passing(consumer.commit())
      await passing(consumer.close())
      expect(await committed()).toEqual(Array.from({ length: readable }, () => 8))
    },
  )

  /** Waits until that many partitions have a position. */
  const begins = (consumer: Consumer<string>, count = 3): Promise<void> =>
    until(
      () => consumer.health().partitions.filter(({ position }) => position !== undefined).length === count,
      clock,
      20,
    )

  it.each(['handlers that run', 'handlers that run until the new one is read'])(
    'is read from its start by parallel(), and what %s did of the old one is committed nowhere',
    async (how) => {
      const { promise, resolve } = deferred()
      const { consumer } = reading(ways['parallel'] as Way, ({ value }) => (value === 'old 0/0' ? promise : value))
      await begins(consumer)
      await write('old', [9, 0])
      await until(() => read.length === 9, clock)
      await makeAnew(2)
      const written = await write('new', [4, 4])
      if (how !== 'handlers that run') await isRead(written)
      resolve()
      await isRead(written)
      await passing(consumer.close())
      expect(await committed()).toEqual([4, 4])
      // A new member continues there.
      const { consumer: next } = reading(ways['a loop'] as Way)
      await begins(next)
      await isRead(await write('later', [1, 1]))
      expect(read.filter((value) => value.startsWith('orders new'))).toHaveLength(written.length)
    },
  )

  it.each(['while it reads', 'when it has left', 'when it reads again'])(
    'takes no commit of a record of the old one (%s)',
    async (when) => {
      const consumer = createConsumer<string>(under.transport, 'orders', {
        group: 'g',
        autoCommit: false,
        runtime: { clock, random: seededRandom(1) },
      })
      made.push(consumer)
      const old: KafkaRecord<string>[] = []
      await write('old', [20, 20])
      if (when === 'while it reads') while (old.length < 40) old.push(await passing(consumer.next()))
      else old.push(...(await passing(collect(consumer.take(40)))))
      await makeAnew(2)
      await write('new', [4, 4])
      const isRead = new Set<string>()
      while (when !== 'when it has left' && isRead.size < 8) isRead.add((await passing(consumer.next())).value)
      for (const record of old) {
        await expect(passing(record.commit())).rejects.toMatchObject({ outcome: 'failed' })
      }
      expect(await committed()).toEqual([])
    },
  )

  describe('deleted for good', () => {
    it.each(Object.keys(ways))(
      'keeps nothing else from being read by %s, and health tells, until it is there again',
      async (way) => {
        const { consumer } = reading(ways[way] as Way)
        await begins(consumer)
        await isRead(await write('old', [5, 5]))
        await under.kafka.admin.deleteTopic('orders')
        await until(() => consumer.health().missingTopics.length > 0, clock, 20)
        expect(consumer.health()).toMatchObject({ isHealthy: false, missingTopics: ['orders'] })
        for (const name of ['one', 'two', 'three']) await isRead(await write(name, [3], 'other'))
        // Long enough that the topic is looked for as a missing one.
        await passing(sleep(clock, 30_000))
        await under.kafka.admin.createTopic('orders', { partitions: 2 })
        const createdMs = clock.monotonic()
        await isRead(await write('again', [3, 3]))
        expect(clock.monotonic() - createdMs).toBeLessThan(15_000)
        await until(() => consumer.health().isHealthy, clock, 20)
        expect(consumer.health().missingTopics).toEqual([])
      },
    )

    it.each([undefined, [{ topic: 'orders', partition: 0 }]])(
      'ends the reading when nothing else is left and there is no group (chosen: %j)',
      async (chosen) => {
        const runtime = { clock, random: seededRandom(1) }
        const consumer = createConsumer<string>(under.transport, 'orders', { runtime })
        made.push(consumer)
        if (chosen) consumer.assign(chosen)
        const ended = consumer.forEach(({ value }) => read.push(`orders ${value}`)).catch((error: unknown) => error)
        await isRead(await write('old', [5]))
        await under.kafka.admin.deleteTopic('orders')
        expect(await passing(ended)).toBeInstanceOf(TopicNotFoundError)
      },
    )
  })
})
