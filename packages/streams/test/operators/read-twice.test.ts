import { memory } from '@kafkado/broker'
import { bytes, defineTopic, json, string, type TopicDefinition, type Transport } from '@kafkado/core'
import { createStreamsBuilder, type StreamsBuilder } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { KafkaClient } from 'kafkado'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { take } from '../take.ts'

interface Event {
  readonly at: number
}

/** Ways to read a topic: each records what it reads, and at which time. */
const ways = {
  'by its name': {},
  'as text': { value: string },
  'as bytes': { value: bytes },
  'as JSON': { value: json },
  'at a time of its own': { timestamp: ({ at }: Event) => at },
  'at another time of its own': { timestamp: ({ at }: Event) => 10_000 - at },
  'with keys as bytes': { key: bytes },
  'where its time is valid, else not at all': { timestamp: ({ at }: Event) => at - 500, invalidTimestamp: 'skip' },
  'where its time is valid, else as before': {
    timestamp: ({ at }: Event) => at - 500,
    invalidTimestamp: 'partition-time',
  },
} as const

type Way = keyof typeof ways
interface WayParts {
  readonly key?: () => unknown
  readonly value?: () => unknown
  readonly timestamp?: (event: Event) => number
  readonly invalidTimestamp?: 'skip' | 'partition-time'
}

function readBy(s: StreamsBuilder, way: Way, out: string, isRepartitioned = false): void {
  const { key, value, ...options } = ways[way] as WayParts
  const isByName = key === undefined && value === undefined
  const types = { ...(key && { key: key() }), ...(value && { value: value() }) }
  const topic = isByName ? 'in' : (defineTopic('in', types as never) as TopicDefinition<unknown, never>)
  const source = s.stream<unknown, string>(topic as string, options as object)
  const between = isRepartitioned ? source.repartition({ name: out }) : source
  between
    .process<string, string>((context) => (read, by) => {
      const { timestamp } = context.record
      context.forward('k', `${JSON.stringify([textOf(read), textOf(by), timestamp])}`)
    })
    .to(out)
}

const nowhere: Transport = {
  send: () => Promise.reject(new Error('nothing is sent here')),
  close: () => Promise.resolve(),
}

const textOf = (value: unknown): string =>
  value instanceof Uint8Array ? `bytes ${value.length}` : `${typeof value} ${JSON.stringify(value)}`

const someWays = fc.uniqueArray(fc.constantFrom(...(Object.keys(ways) as Way[])), { minLength: 2, maxLength: 4 })
/** The first one has a valid time in every way. */
const someEvents = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 12 }).map((events) => [1000, ...events])

/** The results of some ways for the same records. */
function results(read: readonly Way[], events: readonly number[], isRepartitioned = false): readonly unknown[][] {
  const driver = new TopologyTestDriver((s) =>
    read.forEach((way, index) => readBy(s, way, `out${index}`, isRepartitioned)),
  )
  const raw = defineTopic('in', { value: string() })
  for (const at of events) driver.pipe(raw, `{ "at": ${at} }`, { key: `k${at % 3}`, timestamp: 100 + at })
  return read.map((_, index) => driver.read(`out${index}`).map(({ value, timestamp }) => [value, timestamp]))
}

describe('a topic that is read several times in one application', () => {
  it('is read by each as if nobody else did, with its own serdes and times', () => {
    fc.assert(
      fc.property(someWays, someEvents, (read, events) => {
        expect(results(read, events)).toEqual(read.map((way) => results([way], events)[0]))
      }),
    )
  })

  it('is repartitioned as each reads it, as if nobody else did', () => {
    fc.assert(
      fc.property(someWays, someEvents, (read, events) => {
        expect(results(read, events, true)).toEqual(read.map((way) => results([way], events)[0]))
      }),
    )
  })

  it('is one source where it is read alike, and read by one task in any case', () => {
    const count = (...read: Way[]): { parts: number; sources: number } => {
      const s = createStreamsBuilder(nowhere)
      for (const [index, way] of read.entries()) readBy(s, way, `out${index}`)
      const { subtopologies } = s.topology()
      return { parts: subtopologies.length, sources: subtopologies.flatMap(({ sources }) => sources).length }
    }
    expect(count('by its name', 'by its name')).toEqual({ parts: 1, sources: 1 })
    expect(count('at a time of its own', 'at a time of its own')).toEqual({ parts: 1, sources: 1 })
    expect(count('by its name', 'as text', 'at a time of its own')).toEqual({ parts: 1, sources: 3 })
  })

  it('is so in an application, where a record that one of them cannot read is left out for that alone', async () => {
    const engine = memory({ heartbeatInterval: 200 })
    const kafka = new KafkaClient(engine)
    await kafka.admin.createTopic('in', { partitions: 1 })
    const s = kafka.streams({ application: 'app', onError: { deserialization: 'skip' } })
    s.stream<Event>('in')
      .mapValues(({ at }) => at)
      .to('numbers')
    s.stream(defineTopic('in', { value: 'string' }))
      .mapValues((text) => text.length)
      .to('lengths')
    const app = await s.start()
    for (const text of ['{"at":1}', 'no JSON', '{"at":22}'])
      await kafka.produce(defineTopic('in', { value: 'string' }), text, { key: 'k' })
    const [numbers, lengths] = [take<number>(kafka, 'numbers'), take<number>(kafka, 'lengths')]
    expect([await numbers.next(2), await lengths.next(3)]).toEqual([
      [1, 22],
      [8, 7, 9],
    ])
    await Promise.all([numbers.close(), lengths.close(), app.close()])
    await kafka.close()
    await engine.close()
  })
})

describe('a record that cannot be read in any way', () => {
  const text = defineTopic('in', { value: 'string' })
  const build = (s: StreamsBuilder): void => {
    s.stream<Event>('in').to('json')
    s.stream(defineTopic('in', { value: 'int64' })).to('numbers')
    s.stream<Event>('in', { timestamp: ({ at }) => at }).to('times')
  }

  it.each(['at-least-once', 'exactly-once'] as const)(
    'is put aside once, and counted for each: %s',
    async (guarantee) => {
      const engine = memory({ heartbeatInterval: 200 })
      const kafka = new KafkaClient(engine)
      await kafka.admin.createTopic('in', { partitions: 1 })
      const s = kafka.streams({ application: 'app', guarantee, commitInterval: 20, onError: { deadLetter: 'aside' } })
      build(s)
      const app = await s.start()
      for (const value of ['one', 'two', '{"at":1}']) await kafka.produce(text, value, { key: 'k' })
      const [times, aside] = [take<Event>(kafka, 'times'), kafka.consumer(defineTopic('aside', { value: 'string' }))]
      expect(await times.next(1)).toEqual([{ at: 1 }])
      // The third one is valid JSON, but not a number.
      expect([(await aside.next()).value, (await aside.next()).value, (await aside.next()).value]).toEqual([
        'one',
        'two',
        '{"at":1}',
      ])
      expect((await app.tasks())[0]?.failed).toEqual({ deserialization: 7 })
      await Promise.all([times.close(), aside.close(), app.close()])
      await kafka.close()
      await engine.close()
    },
  )

  it('is put aside in each of the topics that its failures have', () => {
    const driver = new TopologyTestDriver(
      (s) => {
        const badTime = (): number => {
          throw new Error('no time')
        }
        s.stream(defineTopic('in', { value: 'int64' })).to('numbers')
        for (const value of ['string', 'bytes'] as const)
          s.stream(defineTopic('in', { value }) as TopicDefinition<unknown>, { timestamp: badTime }).to(value)
      },
      { onError: { deserialization: { deadLetter: 'unread' }, processing: { deadLetter: 'untimed' } } },
    )
    const aside = (): unknown[] =>
      ['unread', 'untimed'].map((topic) =>
        driver.read(defineTopic(topic, { value: 'string' })).map(({ value }) => value),
      )
    for (const value of ['one', 'two']) driver.pipe(text, value)
    expect(aside()).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ])
  })
})

it.each(['the first way', 'the second way'])(
  'what cannot be read in %s is left out there alone, also where the other hands it on as it came',
  (bad) => {
    const driver = new TopologyTestDriver(
      (s) => {
        const asJson = (): unknown => s.stream<Event>('in').to('json')
        const asNumber = (): unknown =>
          s
            .stream(defineTopic('in', { value: 'int64' }))
            .mapValues((value) => value)
            .to('numbers')
        for (const read of bad === 'the first way' ? [asNumber, asJson] : [asJson, asNumber]) read()
      },
      { onError: { deserialization: 'skip' } },
    )
    driver.pipe(defineTopic<'json'>('in'), { at: 1 })
    expect([driver.read('json').map(({ value }) => value), driver.read('numbers')]).toEqual([[{ at: 1 }], []])
  },
)
