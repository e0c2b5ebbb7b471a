import { memory } from '@kafkado/broker'
import { topicsMatching, topicsWithPrefix } from '@kafkado/consumer'
import { defineTopic, type KafkaError } from '@kafkado/core'
import { createStreamsBuilder, type StreamsBuilder } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'
import { take } from '../take.ts'

const builder = (): StreamsBuilder => createStreamsBuilder(noTransport)

/** Reads a pattern twice. */
function inTwoWays(s: StreamsBuilder): void {
  s.stream<{ at: number }>(/^o/, { timestamp: ({ at }) => at })
    .mapValues(({ at }) => at)
    .to('times')
  s.stream(topicsMatching(/^o/, { value: 'string' }))
    .mapValues((text) => text.length)
    .to('lengths')
}

describe('a pattern as a source', () => {
  it('reads what is piped into any topic that matches, and says from where', () => {
    const driver = new TopologyTestDriver((s) => {
      s.stream<number>(/^orders-/)
        .map((value, _key, { topic }) => ({ value, topic }))
        .to('out')
    })
    for (const [value, topic] of ['orders-eu', 'orders-us', 'orders-eu'].entries()) driver.pipe(topic, value)
    expect(driver.read('out').map(({ value }) => value)).toEqual([
      { value: 0, topic: 'orders-eu' },
      { value: 1, topic: 'orders-us' },
      { value: 2, topic: 'orders-eu' },
    ])
    expect(() => driver.pipe('others', 1)).toThrow("nothing reads topic 'others'; the topology reads '/^orders-/'")
  })

  it('reads all topics as it says, and keeps one state of them, also over a restart', () => {
    const driver = new TopologyTestDriver((s) => {
      s.stream(topicsMatching(/-texts$/, { key: 'int64', value: 'string' }))
        .groupByKey({ value: 'string' })
        .reduce('', (before, next) => before + next, { name: 'texts', value: 'string' })
    })
    driver.pipe(defineTopic('a-texts', { key: 'int64', value: 'string' }), 'a', { key: 7 })
    driver.restart()
    driver.pipe(defineTopic('b-texts', { key: 'int64', value: 'string' }), 'b', { key: 7 })
    expect([...driver.store('texts').values()]).toEqual(['ab'])
  })

  it('reads what other parts of the topology write to topics that match, and not its internal ones', () => {
    const driver = new TopologyTestDriver((s) => {
      s.stream<number>(/./)
        .filter((_value, _key, { topic }) => topic !== 'out')
        .groupBy((value) => `k${value}`)
        .count()
        .mapValues((count) => count)
        .to('out')
    })
    driver.pipe('one', 1)
    driver.pipe('two', 1)
    expect(driver.trace().filter(({ what, topic }) => what === 'in' && topic !== 'out')).toHaveLength(4)
    expect(driver.read('out').map(({ value }) => value)).toEqual([1, 2])
  })

  it('does not read internal topics, though they match', () => {
    const driver = new TopologyTestDriver((s) => {
      s.stream<number>(/-repartition$/).to('out')
      s.stream<number>('in').repartition({ name: 'between' }).to('end')
    })
    driver.pipe('in', 1, { key: 'k' })
    expect([driver.read('out').length, driver.read('end').length]).toEqual([0, 1])
  })

  it('takes times as it is told', () => {
    const driver = new TopologyTestDriver((s) => {
      s.stream<{ at: number }>(/^o/, { timestamp: ({ at }) => at, invalidTimestamp: 'skip' }).to('times')
    })
    driver.pipe('orders', { at: 5 })
    driver.pipe('orders', { at: -5 })
    expect(driver.read('times').map(({ timestamp }) => timestamp)[0]).toBe(5)
    expect(driver.dropped()).toEqual({ 'invalid-timestamp': 1 })
  })

  it('is read in several ways, each with serdes and times of its own', () => {
    const driver = new TopologyTestDriver(inTwoWays)
    driver.pipe('orders', { at: 5 }, { timestamp: 7 })
    const told = (topic: string): unknown[] => driver.read(topic).map(({ value, timestamp }) => [value, timestamp])
    expect([told('times'), told('lengths')]).toEqual([[[5, 5]], [[8, 7]]])
  })

  it('has a place among sources by name', () => {
    const s = builder()
    const source = s.addSource('all', topicsWithPrefix('orders.'))
    s.addSink('end', 'out', { parents: source })
    const driver = new TopologyTestDriver(s)
    driver.pipe('orders.eu', 1)
    expect(driver.read('out').map(({ value }) => value)).toEqual([1])
    expect(s.describe().text).toContain(String.raw`topics /^orders\./`)
  })
})

describe('what is made of a pattern', () => {
  const storesOf = (pattern: RegExp): string[] => {
    const s = builder()
    s.stream<number>(pattern).groupByKey().count()
    return s.topology().subtopologies.flatMap(({ stores }) => stores.map(({ name }) => name))
  }

  it('has names that stay as long as its text does, whatever else the topology has', () => {
    expect(storesOf(/^orders-.*/)).toEqual(['pattern-orders-b02ebdad-count'])
    expect(storesOf(new RegExp('^orders-.*', 'g'))).toEqual(storesOf(/^orders-.*/))
    const s = builder()
    s.stream<number>('orders').groupByKey().count()
    s.stream<number>(/^others/)
      .groupByKey()
      .count()
    s.stream<number>(/^orders-.*/)
      .groupByKey()
      .count()
    expect(s.topology().positions.has('pattern-orders-b02ebdad-count')).toBe(true)
  })

  it('has other names for another text, also where topics cannot be named by what is different', () => {
    const patterns = [/^a-[bc]/, /^a-(bc)/, /^a-bc/, /a-bc/, /a-bc/i, /.*/, /.+/]
    const names = patterns.flatMap(storesOf)
    expect(new Set(names).size).toBe(patterns.length)
    for (const name of names) expect(name).toMatch(/^pattern-[A-Za-z0-9-]+-count$/)
  })

  it('is described with the pattern', () => {
    const s = builder()
    s.stream<number>(/^orders-/)
      .groupBy((value) => `${value}`)
      .count()
      .to('out')
    const { text, mermaid } = s.describe()
    expect(text).toContain('    topics /^orders-/\n      → groupBy')
    expect(mermaid).toContain('t1(["topics /^orders-/"])')
    expect(s.explain({ application: 'app' })).toMatch(
      /^Part 0 reads all topics that match \/\^orders-\/; there is one task for each partition\.\n {2}topic 'app-pattern-orders-[0-9a-f]{8}-tasks-repartition': its partitions say which member runs which task/,
    )
  })

  it('is one source however often it is read', () => {
    const s = builder()
    const all = s.stream<number>(/^orders-/)
    all.to('one')
    s.stream<number>(/^orders-/).to('two')
    expect(s.topology().subtopologies.flatMap(({ sources }) => sources)).toHaveLength(1)
  })
})

describe('a pattern is refused', () => {
  it.each<[string, (s: StreamsBuilder) => unknown, RegExp]>([
    [
      'that matches a topic with a source',
      (s) => [s.stream(/^o/), s.stream('orders')],
      /pattern \/\^o\/ matches topic 'orders' too/,
    ],
    ['that matches a table', (s) => [s.table('orders'), s.stream(/^o/)], /pattern \/\^o\/ matches topic 'orders' too/],
    [
      'that matches a global table',
      (s) => [s.globalTable('orders'), s.stream(/s$/)],
      /pattern \/s\$\/ matches topic 'orders' too/,
    ],
    [
      'that matches what is written through',
      (s) => s.stream('in').through('orders').merge(s.stream(/^o/)),
      /matches topic 'orders' too/,
    ],
  ])('%s', (_what, build, message) => {
    const s = builder()
    build(s)
    expect(() => s.topology()).toThrow(message)
    expect(() => s.describe()).toThrow(message)
  })

  it.each<[string, (s: StreamsBuilder) => unknown]>([
    ['table', (s) => s.table(/^orders-/ as never)],
    ['globalTable', (s) => s.globalTable(topicsMatching(/^orders-/) as never)],
    ['addGlobalStore', (s) => s.addGlobalStore(/^orders-/ as never, () => () => undefined)],
  ])('as a %s', (operator, build) => {
    expect(() => build(builder())).toThrow(
      `${operator}: a table is made of one topic, as rows of one key could be in several`,
    )
  })
})

describe('topics that a pattern cannot read', () => {
  let kafka: KafkaClient
  beforeEach(() => {
    kafka = new KafkaClient(memory({ heartbeatInterval: 50 }))
  })
  afterEach(() => kafka.close())

  const failing = async (build: (s: StreamsBuilder) => unknown, make: () => Promise<void>): Promise<KafkaError> => {
    const s = kafka.streams({ application: 'app' })
    build(s)
    const app = await s.start()
    const failed = new Promise<KafkaError>((resolve) => app.on('error', ({ error }) => resolve(error as KafkaError)))
    await make()
    return failed
  }

  it.each(['in one part', 'in two'])('end the application where they match two patterns, %s', async (where) => {
    const error = await failing(
      (s) => {
        const [one, two] = [s.stream<number>(/^orders-/), s.stream<number>(/-eu$/)]
        if (where === 'in two') return [one.to('a'), two.to('b')]
        return one.merge(two).to('a')
      },
      () => kafka.admin.createTopic('orders-eu', { partitions: 1 }),
    )
    expect(error.message).toBe(
      "topic 'orders-eu' matches two patterns, /^orders-/ and /-eu$/: let one of them leave it out",
    )
    expect(error).toMatchObject({ retriable: false, outcome: 'failed' })
  })

  it.each(['before it starts', 'while it runs'])(
    'end it where they are joined and have other numbers of partitions, %s',
    async (when) => {
      await kafka.admin.createTopic('rates', { partitions: 2 })
      const joined = (s: StreamsBuilder): unknown =>
        s
          .stream<number>(/^orders-/)
          .join(s.table<number>('rates'), {})
          .mapValues((value, rate) => value * rate)
          .to('out')
      const out = take<number>(kafka, 'out')
      await kafka.admin.createTopic('out', { partitions: 1 })
      await kafka.admin.createTopic('orders-eu', { partitions: 2 })
      const make = (): Promise<void> => kafka.admin.createTopic('orders-us', { partitions: 3 })
      const message =
        /needs topics with the same number of partitions, but .*'orders-us' has 3.*: records of a key would not meet/
      if (when === 'before it starts') {
        await make()
        await expect(failing(joined, () => Promise.resolve())).rejects.toThrow(message)
      } else {
        await kafka.produce('rates', 2, { key: 'k' })
        const ended = failing(joined, async () => {
          await kafka.produce('orders-eu', 3, { key: 'k' })
          expect(await out.next(1)).toEqual([6])
          await make()
        })
        expect((await ended).message).toMatch(message)
      }
      await out.close()
    },
  )

  it.each(['at-least-once', 'exactly-once'] as const)(
    'are those that are gone before what was read of them is committed, %s',
    async (guarantee) => {
      await kafka.admin.createTopic('orders-eu', { partitions: 1 })
      const came: number[] = []
      let onCame: () => void = () => undefined
      const s = kafka.streams({
        application: 'app',
        guarantee,
        commitInterval: '30s',
        producer: { transactionTimeout: '1m' },
      })
      s.stream<number>(/^orders-/).forEach((value) => {
        came.push(value)
        onCame()
      })
      const until = (value: number): Promise<void> =>
        new Promise((resolve) => {
          onCame = () => {
            if (came.includes(value)) resolve()
          }
          onCame()
        })
      const app = await s.start()
      const errors: unknown[] = []
      app.on('error', ({ error }) => errors.push(error))
      await kafka.produce('orders-eu', 1)
      await until(1)
      await kafka.admin.deleteTopic('orders-eu')
      await kafka.admin.createTopic('orders-us', { partitions: 1 })
      await kafka.produce('orders-us', 2)
      await until(2)
      expect(errors).toEqual([])
      await app.close()
      expect(app.state).toBe('closed')
      const { offsets } = await kafka.admin.describeGroup('app')
      expect(offsets.find(({ topic }) => topic === 'orders-us')?.committed).toBe(1)
    },
  )

  it('are the internal ones of the application', async () => {
    await kafka.admin.createTopic('one', { partitions: 1 })
    await kafka.admin.createTopic('out', { partitions: 1 })
    const s = kafka.streams({ application: 'app' })
    s.stream<number>(/./)
      .filter((_value, _key, { topic }) => topic !== 'out')
      .groupBy((_value, _key, { topic }) => topic)
      .count({ name: 'counts' })
      .mapValues((count, topic) => `${topic} ${count}`)
      .to('out')
    const app = await s.start()
    const out = take<string>(kafka, 'out')
    for (let count = 1; count <= 3; count++) {
      await kafka.produce('one', count)
      expect(await out.next(1)).toEqual([`one ${count}`])
    }
    await app.close()
    await out.close()
  })
})

it('topics of a pattern that is read in two ways are read by one task, also those that come later', async () => {
  const kafka = new KafkaClient(memory({ heartbeatInterval: 50 }))
  const s = kafka.streams({ application: 'app' })
  inTwoWays(s)
  await kafka.admin.createTopic('one', { partitions: 1 })
  const app = await s.start()
  await kafka.produce('one', { at: 1 })
  await kafka.admin.createTopic('other', { partitions: 1 })
  await kafka.produce('other', { at: 22 })
  const [times, lengths] = [take<number>(kafka, 'times'), take<number>(kafka, 'lengths')]
  expect(new Set(await times.next(2))).toEqual(new Set([1, 22]))
  expect(new Set(await lengths.next(2))).toEqual(new Set([8, 9]))
  expect((await app.tasks()).length).toBe(1)
  await Promise.all([times.close(), lengths.close(), app.close()])
  await kafka.close()
})
