import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { bytes, defineTopic, intercept, type KafkaRecord, seededRandom, type Serde } from '@kafkado/core'
import { keyValue, type StreamsBuilder } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import fc from 'fast-check'
import { KafkaClient } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { deferred } from '../../../../tests/clients/client-places.ts'
import { inTime } from '../../../../tests/passing-time.ts'

/** The fate of a record's result. */
const refusals = [
  'too large for the producer',
  'too large for the topic',
  'without a key',
  'not to be written',
] as const
type Fate = 'taken' | (typeof refusals)[number]

interface Item {
  readonly id: number
  readonly fate: Fate
}

interface Step {
  readonly key: string
  readonly fate: Fate
  /** The number of turns of the event loop until the next one. */
  readonly pause: number
}

const maxRequestBytes = 20_000
const topicBytes = 3000
/** A refusal may cost the first session; after that, refusals are known to occur. */
const mostSessions = 2

const raw = (name: string) => defineTopic(name, { key: bytes(), value: bytes() })

function textOf({ id, fate }: Item): string {
  const text = String(id)
  if (fate === 'too large for the producer') return text.padEnd(30_000, ' x')
  if (fate === 'too large for the topic') return text.padEnd(5000, ' x')
  return fate === 'not to be written' ? (1n as unknown as string) : text
}

interface Refusing {
  readonly cache: number
  /** The number of the output's partitions. */
  readonly partitions: number
  build(s: StreamsBuilder): unknown
}

/** The partitions of results, by the ids of their records. */
const places = [[0, 1], [2], [1, 2, 0], [0]] as const
const placesOf = (id: number): readonly number[] => places[id % places.length] as readonly number[]

/** The string to write as JSON, for records with chosen partitions. */
const textOfPlaced: Serde<{ readonly offset: number; readonly text: string }> = {
  serialize: ({ text }) => new TextEncoder().encode(JSON.stringify(text)),
  deserialize: () => ({ offset: 0, text: '' }),
}

const topologies = {
  'as they come': {
    cache: 0,
    partitions: 1,
    build: (s) =>
      s
        .stream<Item>('in')
        .map((item, key) => keyValue(item.fate === 'without a key' ? null : key, textOf(item)))
        .to('out'),
  },
  'to several partitions': {
    cache: 0,
    partitions: 3,
    build: (s) =>
      s
        .stream<Item>('in')
        .map((item, key, { offset }) =>
          keyValue(item.fate === 'without a key' ? null : key, { offset, text: textOf(item) }),
        )
        .to(defineTopic('out', { key: 'string', value: textOfPlaced }), {
          partition: ({ offset }) => placesOf(offset),
        }),
  },
  'held back in a cache': {
    cache: 1_000_000,
    partitions: 1,
    build: (s) =>
      s
        .stream<Item>('in')
        .groupByKey()
        .reduce<Item | null>(
          () => null,
          (_last, item) => item,
          { name: 'last' },
        )
        .toStream()
        .map((item, key) => keyValue(item?.fate === 'without a key' ? null : key, textOf(item as Item)))
        .to('out'),
  },
} satisfies Record<string, Refusing>

interface Outcome {
  /** The ids of the output's records, in order. */
  readonly taken: readonly number[]
  /** The ids of the records put aside. */
  readonly aside: readonly number[]
  /** How many results were skipped, put aside or not. */
  readonly failed: number
  readonly sessions: number
}

interface WatchedRequest {
  readonly groupId?: string
  readonly memberEpoch?: number
  readonly committed?: boolean
  readonly topics?: readonly { readonly partitions: readonly { readonly committedOffset?: number }[] }[]
}

const production = { skip: 'skip', 'a dead letter': { deadLetter: 'aside' } } as const
const guarantees = ['at-least-once', 'exactly-once'] as const

type Running = readonly [
  steps: readonly Step[],
  topology: Refusing,
  guarantee: (typeof guarantees)[number],
  policy: keyof typeof production,
  slowness: number,
]

/**
 * Runs the records of some steps, ending with an accepted one. Time is counted in turns of the event loop: by the time
 * of day, a busy machine is late for transactions, and each costs a session.
 */
function run(...running: Running): Promise<Outcome> {
  const clock = new ManualClock()
  return inTime(runBy(clock, ...running), clock, 1)
}

async function runBy(
  clock: ManualClock,
  ...[steps, { cache, partitions, build }, guarantee, policy, slowness]: Running
): Promise<Outcome> {
  const runtime = { clock, random: seededRandom(1) }
  const engine = memory({ heartbeatInterval: 200, runtime })
  const kafka = new KafkaClient(engine, runtime)
  let sessions = 0
  /** The committed offset of the input, by a transaction or by the consumer. */
  let offset = -1
  let end!: () => void
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const watched = intercept(engine, (next) => async (operation, request, options) => {
    const { memberEpoch, groupId, committed, topics } = request as WatchedRequest
    // Each session joins the group.
    if (operation.name === 'consumerGroupHeartbeat' && groupId === 'app' && memberEpoch === 0) sessions++
    if (sessions > mostSessions) end()
    // If answers take longer than results, several requests are in flight.
    if (operation.name === 'produce') await turns(slowness)
    const response = await next(operation, request, options)
    if (operation.name === 'produce') await turns(slowness)
    if (/offsetCommit/i.test(operation.name)) offset = topics?.[0]?.partitions[0]?.committedOffset ?? offset
    const isCommit = operation.name === 'offsetCommit' || (operation.name === 'endTxn' && committed === true)
    if (isCommit && offset > steps.length) end()
    return response
  })
  const running = new KafkaClient(watched, runtime)
  for (const topic of ['in', 'aside']) await kafka.admin.createTopic(topic, { partitions: 1 })
  const config = { 'max.message.bytes': String(topicBytes), 'cleanup.policy': 'compact' }
  await kafka.admin.createTopic('out', { partitions, config })
  const s = running.streams({
    application: 'app',
    guarantee,
    cache,
    commitInterval: 10,
    producer: { maxRequestBytes },
    onError: { production: production[policy] },
  })
  build(s)
  const app = await s.start()
  const failure = new Promise<never>((_, reject) => app.on('error', ({ error }) => reject(error as Error)))
  failure.catch(() => undefined)
  const items = kafka.producer<Item>('in')
  try {
    for (const [id, { key, fate, pause }] of steps.entries()) {
      await items.send({ id, fate }, { key })
      await turns(pause)
    }
    await items.send({ id: steps.length, fate: 'taken' }, { key: 'end' })
    await Promise.race([over, failure])
    const failed = (await app.tasks()).reduce((sum, task) => sum + (task.failed.production ?? 0), 0)
    await app.close()
    const taken = (await all(kafka, 'out')).map(idOf)
    const aside = (await all(kafka, 'aside')).map(({ headers }) => Number(headers['original-offset']))
    return { taken, aside, failed, sessions }
  } finally {
    await app.close()
    await Promise.all([running.close(), kafka.close()])
    await engine.close()
  }
}

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done++) await turn()
}

const idOf = ({ value }: KafkaRecord<Uint8Array, unknown>): number =>
  Number(JSON.parse(new TextDecoder().decode(value)))

/** The records that readers of a topic see, one partition after the other. */
async function all(kafka: KafkaClient, topic: string): Promise<KafkaRecord<Uint8Array, unknown>[]> {
  const { partitions } = await kafka.admin.describeTopic(topic)
  const last = Array.from({ length: partitions }, (_, partition) =>
    kafka.produce(raw(topic), new Uint8Array(), { key: Uint8Array.of(0), partition }),
  )
  const ends = new Map((await Promise.all(last)).map(({ partition, offset }) => [partition, offset]))
  const consumer = kafka.consumer(raw(topic))
  const records: KafkaRecord<Uint8Array, unknown>[] = []
  while (ends.size > 0) {
    const record = await consumer.next()
    if (record.offset === ends.get(record.partition)) ends.delete(record.partition)
    else records.push(record)
  }
  await consumer.close()
  return records.toSorted((one, other) => one.partition - other.partition)
}

/** Shares of refused results, from none to all of them. */
const someSteps: fc.Arbitrary<Step[]> = fc.integer({ min: 0, max: 10 }).chain((tenths) =>
  fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      fate: fc.oneof(
        { weight: 10 - tenths, arbitrary: fc.constant<Fate>('taken') },
        { weight: tenths, arbitrary: fc.constantFrom<Fate>(...refusals) },
      ),
      pause: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ max: 60, min: 1 }) },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  ),
)

const someSlowness = fc.constantFrom(0, 1, 10)

const isRefused = ({ fate }: Step): boolean => fate !== 'taken'

describe.each(guarantees)('results that are refused, %s', (guarantee) => {
  describe.each(Object.keys(production) as (keyof typeof production)[])('with %s', (policy) => {
    it('keep nothing from going on, whatever their share: what is taken comes once, what is refused is left out once', async () => {
      await fc.assert(
        fc.asyncProperty(someSteps, someSlowness, async (steps, slowness) => {
          const outcome = await run(steps, topologies['as they come'], guarantee, policy, slowness)
          const ids = [...steps.keys()]
          const refused = ids.filter((id) => isRefused(steps[id] as Step))
          expect(outcome.sessions).toBeLessThanOrEqual(mostSessions)
          expect(outcome.taken).toEqual([...ids.filter((id) => !refused.includes(id)), steps.length])
          expect(outcome.aside.toSorted((one, other) => one - other)).toEqual(policy === 'skip' ? [] : refused)
        }),
        { numRuns: 15, endOnFailure: true },
      )
    })

    it('do so where they go to several partitions: in each what is taken comes once, what is refused is left out once', async () => {
      await fc.assert(
        fc.asyncProperty(someSteps, someSlowness, async (steps, slowness) => {
          const outcome = await run(steps, topologies['to several partitions'], guarantee, policy, slowness)
          const ids = [...steps.keys(), steps.length]
          const refused = [...steps.keys()].filter((id) => isRefused(steps[id] as Step))
          const taken = ids.filter((id) => !refused.includes(id))
          expect(outcome.sessions).toBeLessThanOrEqual(mostSessions)
          expect(outcome.taken).toEqual([0, 1, 2].flatMap((at) => taken.filter((id) => placesOf(id).includes(at))))
          expect(outcome.aside.toSorted((one, other) => one - other)).toEqual(policy === 'skip' ? [] : refused)
        }),
        { numRuns: 15, endOnFailure: true },
      )
    })

    it('do so where a cache holds back updates: of each row the last result comes once, or is left out once', async () => {
      await fc.assert(
        fc.asyncProperty(someSteps, someSlowness, async (steps, slowness) => {
          const outcome = await run(steps, topologies['held back in a cache'], guarantee, policy, slowness)
          const { taken, aside } = outcome
          expect(outcome.sessions).toBeLessThanOrEqual(mostSessions)
          expect(taken.slice(0, -1).filter((id) => isRefused(steps[id] as Step))).toEqual([])
          expect(aside.filter((id) => !isRefused(steps[id] as Step))).toEqual([])
          expect([...taken, ...aside]).toHaveLength(new Set([...taken, ...aside]).size)
          for (const key of ['a', 'b', 'c']) {
            const last = steps.findLastIndex((step) => step.key === key)
            if (last < 0) continue
            const isLeftOut = isRefused(steps[last] as Step)
            expect(taken.includes(last)).toBe(!isLeftOut)
            if (policy !== 'skip') expect(aside.includes(last)).toBe(isLeftOut)
          }
        }),
        { numRuns: 15, endOnFailure: true },
      )
    })
  })
})

describe('a result that is refused with others on their way behind it, exactly once', () => {
  it('costs one session; from then on nothing is sent behind one that has no answer', () => {
    const clock = new ManualClock()
    return inTime(refuseBehind(clock), clock, 1)
  })

  const refuseBehind = async (clock: ManualClock): Promise<void> => {
    const runtime = { clock, random: seededRandom(1) }
    const engine = memory({ heartbeatInterval: 200, runtime })
    const kafka = new KafkaClient(engine, runtime)
    const config = { 'max.message.bytes': String(topicBytes) }
    await kafka.admin.createTopic('in', { partitions: 1 })
    await kafka.admin.createTopic('out', { partitions: 1, config })
    let sessions = 0
    let [underWay, mostUnderWay] = [0, 0]
    const results: string[] = []
    const sent = Array.from({ length: 3 }, () => deferred())
    const held = intercept(engine, (next) => async (operation, request, options) => {
      const { memberEpoch, groupId, topics } = request as WatchedRequest & { topics?: readonly { topic?: string }[] }
      if (operation.name === 'consumerGroupHeartbeat' && groupId === 'app' && memberEpoch === 0) sessions++
      if (operation.name !== 'produce' || topics?.[0]?.topic !== 'out') return next(operation, request, options)
      const place = results.push('sent')
      sent[place - 1]?.resolve()
      underWay++
      mostUnderWay = Math.max(mostUnderWay, underWay)
      // The second one, which is refused, has to wait for the one behind it.
      if (place === 2) await sent[2]?.promise
      await turns(5)
      underWay--
      return next(operation, request, options)
    })
    const running = new KafkaClient(held, runtime)
    const s = running.streams({
      application: 'app',
      guarantee: 'exactly-once',
      // Commits only at the end, so that everything is one transaction.
      commitInterval: '5s',
      onError: { production: 'skip' },
    })
    s.stream<Item>('in').mapValues(textOf).to('out')
    const app = await s.start()
    const items = kafka.producer<Item>('in')
    const put = (id: number, fate: Fate = 'taken') => items.send({ id, fate }, { key: 'a' })
    await put(0)
    await sent[0]?.promise
    while (underWay > 0) await turn()
    await put(1, 'too large for the topic')
    await sent[1]?.promise
    await put(2)
    await sent[2]?.promise
    // With the next record, the session notices that it is over; at the latest with its commit.
    while (underWay > 0) await turn()
    await turns(20)
    await put(3)
    while (sessions < 2 || underWay > 0) await turn()
    mostUnderWay = 0
    for (let id = 4; id < 30; id++) {
      await put(id, id % 2 ? 'too large for the topic' : 'taken')
      await turns(3)
    }
    while ((await app.tasks())[0]?.processed !== 30) await turn()
    await app.close()
    expect({ sessions, mostUnderWay }).toEqual({ sessions: 2, mostUnderWay: 1 })
    expect((await all(kafka, 'out')).map(idOf)).toEqual([
      0,
      2,
      3,
      ...Array.from({ length: 13 }, (_, half) => 4 + 2 * half),
    ])
    await Promise.all([running.close(), kafka.close()])
    await engine.close()
  }
})

describe('a result that is refused and is to end the application, exactly once', () => {
  it('ends it without a commit, where the refusal comes with the commit', async () => {
    const engine = memory({ heartbeatInterval: 200 })
    const kafka = new KafkaClient(engine)
    await kafka.admin.createTopic('in', { partitions: 1 })
    await kafka.admin.createTopic('out', { partitions: 1, config: { 'max.message.bytes': '1000' } })
    const slow = intercept(engine, (next) => async (operation, request, options) => {
      if (operation.name === 'produce') await turns(50)
      return next(operation, request, options)
    })
    const running = new KafkaClient(slow)
    const start = async (production: 'fail' | 'skip') => {
      const s = running.streams({
        application: 'app',
        guarantee: 'exactly-once',
        commitInterval: 1,
        onError: { production },
      })
      s.stream<Item>('in')
        .mapValues(({ id }) => 'x'.repeat(id))
        .to('out')
      return s.start()
    }
    await kafka.produce('in', { id: 2000, fate: 'too large for the topic' }, { key: 'k' })
    const app = await start('fail')
    const error = await new Promise<unknown>((resolve) => app.on('error', (told) => resolve(told.error)))
    expect(error).toMatchObject({ kind: 'production', offset: 0 })
    await app.close()
    const again = await start('skip')
    while ((await again.tasks())[0]?.failed.production !== 1) await turn()
    await again.close()
    await Promise.all([running.close(), kafka.close()])
    await engine.close()
  })
})
