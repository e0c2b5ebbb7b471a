import { memory } from '@kafkado/broker'
import { intercept, metadata } from '@kafkado/core'
import type { MetadataResponse } from '@kafkado/core/protocol'
import { ManualClock } from '@kafkado/testing'
import fc from 'fast-check'
import { KafkaClient, seededRandom } from 'kafkado'
import { expect, it } from 'vitest'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'
import { allReads, allStates, MadeAgain, outcomeOf, type Situation } from './topics-made-again.ts'

const count = fc.integer({ min: 1, max: 4 })
const anySituation: fc.Arbitrary<Situation> = fc.record({
  what: fc.constantFrom(...allReads),
  state: fc.constantFrom(...allStates),
  guarantee: fc.constantFrom('at-least-once', 'exactly-once'),
  members: fc.integer({ min: 1, max: 2 }),
  before: count,
  after: count,
  isHeard: fc.boolean(),
})

const fewer = { guarantee: 'exactly-once', members: 2, before: 4, after: 1, isHeard: true } as const
const examples: Situation[] = [
  ...allReads.flatMap((what) => allStates.map((state) => ({ ...fewer, what, state }))),
  ...allReads.map((what) => ({ ...fewer, what, state: 'none' as const, before: 3, isHeard: false })),
]

/** The error for state that does not fit. */
const misfit =
  /topic 'orders' has \d partitions.*internal topic 'app-latest-changelog'.* has \d.*dropState: \['latest'\].*kafkado streams reset.*another name/

async function check(situation: Situation): Promise<void> {
  const run = new MadeAgain(situation)
  await run.begin()
  await run.makeAgain()
  const outcome = outcomeOf(situation)
  if (outcome === 'goes on') {
    await run.round()
    await run.leave()
    if (situation.members === 1) await run.start()
    await run.round()
  } else {
    expect(await run.failure()).toMatch(outcome === 'has other state' ? misfit : /stop all of them|internal topic/)
    await run.stop()
    const isFitting = outcomeOf({ ...situation, what: 'a pattern that matches others' }) === 'goes on'
    if (outcome === 'has other state' || !isFitting) {
      await expect(run.start()).rejects.toThrow(/internal topic 'app-latest-changelog'.*dropState: \['latest'\]/)
      await run.start(['latest'])
    } else await run.start()
    await run.round()
  }
  await run.close()
}

it('a source that is made again with other partitions is read, or the application says what has to be done', async () => {
  await fc.assert(fc.asyncProperty(anySituation, check), {
    numRuns: 40,
    examples: examples.map((situation): [Situation] => [situation]),
    endOnFailure: true,
  })
})

it('a source that a broker has not heard to be another one is read when it has, and never with state that does not fit', async () => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  const engine = memory({ runtime, heartbeatInterval: 100 })
  const kafka = new KafkaClient(engine, runtime)
  await kafka.admin.createTopic('orders', { partitions: 4 })
  let before: MetadataResponse['topics'][number] | undefined
  let isBehind = false
  const transport = intercept(engine, (next) => async (operation, request, options) => {
    const answer = await next(operation, request, options)
    if (operation.name !== metadata.name) return answer
    const { topics, ...rest } = answer as MetadataResponse
    const told = topics.map((topic) => {
      if (topic.topic !== 'orders') return topic
      if (!isBehind) before = topic
      return before ?? topic
    })
    return { ...rest, topics: told } as never
  })
  const [came, errors]: [number[], string[]] = [[], []]
  const s = new KafkaClient(transport, runtime).streams({ application: 'app', commitInterval: 50 })
  s.stream<number>('orders')
    .groupByKey()
    .reduce(0, (_before, value) => value, { name: 'latest' })
    .toStream()
    .forEach((value) => came.push(value))
  const app = await inTime(s.start(), clock)
  app.on('error', ({ error }) => errors.push(String(error)))
  await inTime(kafka.produce('orders', 1, { key: 'k' }), clock)
  await until(() => came.length === 1, clock)
  isBehind = true
  await kafka.admin.deleteTopic('orders')
  await kafka.admin.createTopic('orders', { partitions: 1 })
  const producer = kafka.producer<number>('orders')
  await inTime(producer.send(2, { key: 'k' }), clock)
  await pass(5000, clock, 50)
  expect([came, errors, app.state]).toEqual([[1], [], 'running'])
  isBehind = false
  await until(() => errors.length > 0, clock, 50)
  expect(errors[0]).toMatch(misfit)
  expect(came).toEqual([1])
  await inTime(producer.close(), clock)
  await inTime(app.close(), clock)
  await inTime(kafka.close(), clock)
})
