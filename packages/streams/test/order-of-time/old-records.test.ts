import { memory } from '@kafkado/broker'
import { intercept, seededRandom } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { keyValue, type StreamsApp, type StreamsBuilder } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { beforeAll, describe, expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'

interface Event {
  readonly id: number
  readonly ref: string
}

const bothRefs = { left: ({ ref }: Event): string => ref, right: ({ ref }: Event): string => ref }

/** Topologies that read 'left' and 'right' and write one result for each record of 'left'. */
const topologies: Readonly<Record<string, (s: StreamsBuilder) => unknown>> = {
  'a join by foreign key': (s) =>
    s
      .table<Event>('left')
      .join(
        s.table<Event>('right'),
        { on: { left: ({ ref }: Event) => ref, right: () => null } },
        (left: Event) => left.id,
      )
      .toStream()
      .to('out'),
  'a join of streams behind internal topics': (s) =>
    s
      .stream<Event>('left')
      .join(s.stream<Event>('right'), { on: bothRefs, window: '1h' })
      .mapValues((left: Event) => left.id)
      .to('out'),
  'a cogroup behind internal topics': (s) =>
    s
      .stream<Event>('left')
      .groupBy(({ ref }) => ref)
      .cogroup((_before: number, { id }: Event) => id)
      .cogroup(
        s.stream<Event>('right').groupBy(({ ref }) => ref),
        (before: number) => before,
      )
      .aggregate(() => -1)
      .toStream()
      .filter((id) => id >= 0)
      .to('out'),
}

// Loads modules in advance: otherwise loading would take time while the clock runs fast.
beforeAll(async () => {
  const transport = memory()
  for (const guarantee of ['at-least-once', 'exactly-once'] as const) {
    const s = new KafkaClient(transport).streams({ guarantee })
    s.stream('nothing')
      .groupBy(() => 'x')
      .count()
      .to('nowhere')
    await (await s.start()).close()
  }
  await transport.close()
})

class Run {
  readonly clock = new ManualClock()
  readonly #runtime = { clock: this.clock, random: seededRandom(1) }
  readonly #engine = memory({ runtime: this.#runtime, heartbeatInterval: 200 })
  readonly kafka = new KafkaClient(
    intercept(this.#engine, (next) => async (operation, request, options) => {
      const lateMs = this.lateMs(operation.name, request as Record<string, unknown>)
      if (lateMs > 0) await sleep(this.clock, lateMs)
      return next(operation, request, options)
    }),
    this.#runtime,
  )
  readonly #apps: StreamsApp[] = []
  readonly #live = this.kafka.producer<string>('live', { lingerMs: 0 })
  #nextLiveMs = 0
  /** How late a request arrives. */
  lateMs: (operation: string, request: Record<string, unknown>) => number = () => 0

  async setUp(): Promise<void> {
    for (const topic of ['left', 'right', 'live'])
      await this.inTime(this.kafka.admin.createTopic(topic, { partitions: 2 }))
    for (const topic of ['out', 'live-out']) await this.inTime(this.kafka.admin.createTopic(topic, { partitions: 1 }))
  }

  async start(
    build: (s: StreamsBuilder) => unknown,
    guarantee: 'at-least-once' | 'exactly-once',
    commitInterval = 100,
  ): Promise<void> {
    const s = this.kafka.streams({
      application: 'app',
      guarantee,
      commitInterval,
      consumer: { fetchMaxWaitMs: 100 },
    })
    build(s)
    s.stream<string>('live')
      .mapValues((value) => `${value}!`)
      .to('live-out')
    this.#apps.push(await this.inTime(s.start()))
  }

  async produce(topic: string, event: Event, timestamp: number): Promise<void> {
    await this.inTime(this.kafka.produce(topic, event, { key: `${topic}-${event.id}`, timestamp }))
  }

  /** Time passes, and unrelated traffic continues. */
  async until(isSo: () => boolean): Promise<void> {
    await until(() => {
      if (this.clock.monotonic() >= this.#nextLiveMs) {
        this.#nextLiveMs = this.clock.monotonic() + 50
        void this.#live.send('x', { key: `${this.#nextLiveMs % 7}` }).catch(() => undefined)
      }
      return isSo()
    }, this.clock)
  }

  inTime<T>(promise: Promise<T>): Promise<T> {
    return inTime(promise, this.clock)
  }

  async end(): Promise<void> {
    await this.inTime(Promise.all(this.#apps.map((app) => app.close())))
    await this.inTime(this.kafka.close())
    await this.inTime(this.#engine.close())
  }
}

describe.each(['at-least-once', 'exactly-once'] as const)('records that are old, %s', (guarantee) => {
  it.each(Object.keys(topologies).flatMap((name) => [1, 2].map((members) => ({ name, members }))))(
    'have their results in $name within seconds while other traffic goes on, with $members members',
    async ({ name, members }) => {
      const run = new Run()
      await run.setUp()
      const build = topologies[name] as (typeof topologies)[string]
      for (let member = 0; member < members; member++) await run.start(build, guarantee)
      const found = new Set<number>()
      const reader = run.kafka.consumer<number>('out')
      const reading = (async () => {
        for await (const { value } of reader) if (value !== null) found.add(value)
      })()
      // First all records of two minutes without the application, then one after the other, with these ages.
      for (const ages of [[120_000, 110_000, 100_000, 90_000], [70_000], [100_000], [61_000]]) {
        const before = found.size
        const beginMs = run.clock.monotonic()
        for (const [index, ageMs] of ages.entries()) {
          const id = before + index
          await run.produce('right', { id, ref: `right-${id}` }, run.clock.now() - ageMs)
          await run.produce('left', { id, ref: `right-${id}` }, run.clock.now() - ageMs)
        }
        await run.until(() => found.size === before + ages.length || run.clock.monotonic() > beginMs + 20_000)
        expect(found.size, `results of records ${ages[0]} ms old`).toBe(before + ages.length)
      }
      await run.inTime(reader.close())
      await reading
      await run.end()
    },
  )

  // A busy machine or server: the topics between parts of the application then look quiet, but are not.
  it.each([
    ['the order in which two topics of a year come', 100, {}],
    ['the time it takes to write between two commits', 100, { produce: 1500 }],
    ['the time it takes to write long before a commit', 5000, { produce: 1500 }],
    ['the time it takes to read', 5000, { fetch: 1500 }],
    ['the time it takes', 5000, { produce: 1500, fetch: 1500 }],
  ])('have all their results, whatever %s', async (_what, commitInterval, longestMs: Record<string, number>) => {
    const run = new Run()
    await run.setUp()
    const ways = seededRandom(3)
    run.lateMs = (name, request) => {
      const { [name]: mostMs } = longestMs
      if (mostMs === undefined) return 0
      const { topics } = request as { topics: readonly { topic: string }[] }
      return topics.some(({ topic }) => topic.endsWith('-repartition')) ? ways.next() * mostMs : 0
    }
    // Like Nexmark's q8: people who are new and sell something within the window; nothing may be late.
    const build = (s: StreamsBuilder): unknown =>
      s
        .stream<Event>('left')
        .join(s.stream<Event>('right'), { on: bothRefs, window: '10s', grace: 0 })
        .map((left: Event) => keyValue('k', left.id))
        .to('out')
    const count = 600
    const start = run.clock.now() - 365 * 86_400_000
    const random = seededRandom(7)
    for (const topic of ['left', 'right']) {
      const producer = run.kafka.producer<Event>(topic)
      const records = Array.from({ length: count }, (_, id) => ({
        key: `${topic}-${Math.floor(random.next() * 100)}`,
        value: { id, ref: `p${id % 50}-${Math.floor(id / 50)}` },
        timestamp: start + id * 500,
      }))
      await run.inTime(producer.sendBatch(records))
      await run.inTime(producer.close())
    }
    await run.start(build, guarantee, commitInterval)
    const found: number[] = []
    const reader = run.kafka.consumer<number>('out')
    const reading = (async () => {
      for await (const { value } of reader) found.push(value)
    })()
    const beginMs = run.clock.monotonic()
    await run.until(() => found.length >= count || run.clock.monotonic() > beginMs + 60_000)
    expect([...found].sort((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, id) => id))
    await run.inTime(reader.close())
    await reading
    await run.end()
  })
})
