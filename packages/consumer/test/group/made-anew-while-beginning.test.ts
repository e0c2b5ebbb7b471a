import { createTopic, deleteTopic } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import { intercept } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'
import { ManualClock } from '@kafkado/testing'
import { Harness, TestMember } from '@kafkado/testing/conformance'
import { type ConsumerConfig, createConsumer, seededRandom } from 'kafkado'
import { beforeAll, describe, expect, it } from 'vitest'
import { inTime } from '../../../../tests/passing-time.ts'

interface Way {
  readonly config: ConsumerConfig
  readonly topics: readonly (string | RegExp)[]
  readonly isChosen?: true
}

const names = ['gone', 'kept'] as const
const ways: Record<string, Way> = {
  'a group': { config: { group: 'g' }, topics: names },
  'a group with a pattern': { config: { group: 'g' }, topics: [/^(gone|kept)$/] },
  'a consumer without a group': { config: {}, topics: names },
  'a pattern without a group': { config: {}, topics: [/^(gone|kept)$/] },
  'a consumer of chosen partitions': { config: {}, topics: names, isChosen: true },
}

/**
 * Reads two topics. One is recreated at the first request of this operation, and answers then arrive some turns later.
 */
async function readMeanwhile({ config, topics, isChosen }: Way, operation: string, turns: number): Promise<string[]> {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  const engine = memory({ runtime, heartbeatInterval: '1s' })
  for (const name of names) await createTopic(engine, name)
  let isMadeAnew = false
  const transport = intercept(engine, (next) => async (asked, request, options) => {
    if (asked.name === operation && !isMadeAnew) {
      isMadeAnew = true
      await deleteTopic(engine, 'gone')
      await createTopic(engine, 'gone')
    }
    const answer = await next(asked, request, options)
    if (asked.name === 'metadata') for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    return answer
  })
  const consumer = createConsumer<string>(transport, topics, { ...config, runtime })
  if (isChosen) consumer.assign(names.map((topic) => ({ topic, partition: 0 })))
  const values: string[] = []
  const reading = consumer.forEach(({ value }) => values.push(value))
  for (let steps = 0; !isMadeAnew && steps < 200; steps++) await clock.advanceAsync(50)
  for (const name of names) {
    const producer = createProducer<string>(engine, name, { runtime })
    await inTime(producer.send(name), clock)
    await inTime(producer.close(), clock)
  }
  for (let steps = 0; values.length < names.length && steps < 600; steps++) await clock.advanceAsync(100)
  await inTime(consumer.close(), clock)
  await reading
  await engine.close()
  return values.sort()
}

// An engine loads what matches patterns when the first one comes, in real time, which the virtual one would outrun.
beforeAll(async () => {
  const engine = memory()
  const expression = { subscribedTopicNames: null, subscribedTopicRegex: 'kept' }
  await new TestMember(new Harness(engine, 'first'), 'g', [], expression).beat()
  await engine.close()
})

describe('a topic that is made anew while reading begins', () => {
  const cases = Object.keys(ways).flatMap((name) =>
    ['listOffsets', 'fetch'].map((operation) => [name, operation] as const),
  )

  // A different number of turns makes the change fall into a different moment of what runs beside it.
  it.each(cases)('is read by %s, when it happens at %s', async (name, operation) => {
    for (let turns = 0; turns < 12; turns++)
      expect(await readMeanwhile(ways[name] as Way, operation, turns), `${turns} turns later`).toEqual(names)
  })
})
