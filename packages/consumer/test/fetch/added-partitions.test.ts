import { ManualClock } from '@kafkado/testing'
import { type ConsumerConfig, createConsumer, seededRandom, type TopicSelection } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

interface Way {
  readonly config: ConsumerConfig
  readonly topics: TopicSelection<string>
  /** The longest time until an added partition is read. */
  readonly withinMs: number
}

const heartbeatInterval = '1s'
/** Kafka: metadata.max.age.ms. */
const metadataAgeMs = 5 * 60_000

const ways: Record<string, Way> = {
  'a group': { config: { group: 'g' }, topics: 'in', withinMs: 5000 },
  'a group with a pattern': { config: { group: 'g' }, topics: /^in$/, withinMs: 5000 },
  'a consumer without a group': { config: {}, topics: 'in', withinMs: 15_000 },
  'a pattern without a group': { config: {}, topics: /^in$/, withinMs: metadataAgeMs + 5000 },
}

describe.each(Object.entries(places))('partitions that are added, on %s', (_name, place) => {
  it.each(Object.keys(ways))('are read from their start by %s, several times over', async (name) => {
    const { config, topics, withinMs } = ways[name] as Way
    const clock = new ManualClock()
    const stepMs = withinMs / 100
    const under = await place({ clock, heartbeatInterval })
    await under.kafka.admin.createTopic('in', { partitions: 1 })
    const write = (partition: number): Promise<unknown> => under.kafka.produce('in', `of ${partition}`, { partition })
    await write(0)
    const runtime = { clock, random: seededRandom(1) }
    const consumer = createConsumer<string>(under.transport, topics, { ...config, runtime })
    const values: string[] = []
    const reading = consumer.forEach(({ value }) => values.push(value))
    await until(() => values.length === 1, clock, stepMs)
    for (const partitions of [2, 3, 5]) {
      const sinceMs = clock.monotonic()
      await under.kafka.admin.alterTopic('in', { partitions })
      await write(partitions - 1)
      await until(() => values.includes(`of ${partitions - 1}`), clock, stepMs)
      expect(clock.monotonic() - sinceMs).toBeLessThanOrEqual(withinMs)
      await write(0)
    }
    await until(() => values.length === 7, clock, stepMs)
    expect(values.sort()).toEqual(['of 0', 'of 0', 'of 0', 'of 0', 'of 1', 'of 2', 'of 4'])
    expect(consumer.assignment()).toHaveLength(5)
    await inTime(consumer.close(), clock)
    await reading
    await under.close()
  })

  it.each([
    ['a group', { group: 'g' }],
    ['a consumer without a group', {}],
  ] as const)('are read from their start also by %s that began at the end', async (_who, config) => {
    const clock = new ManualClock()
    const under = await place({ clock, heartbeatInterval })
    await under.kafka.admin.createTopic('in', { partitions: 1 })
    await under.kafka.produce('in', 'before', { partition: 0 })
    const runtime = { clock, random: seededRandom(1) }
    const consumer = createConsumer<string>(under.transport, 'in', { ...config, offset: 'latest', runtime })
    const values: string[] = []
    const reading = consumer.forEach(({ value }) => values.push(value))
    await until(() => consumer.health().partitions.some(({ position }) => position !== undefined), clock)
    await under.kafka.admin.alterTopic('in', { partitions: 2 })
    await under.kafka.produce('in', 'unseen', { partition: 1 })
    await until(() => values.length > 0, clock, 500)
    expect(values).toEqual(['unseen'])
    await inTime(consumer.close(), clock)
    await reading
    await under.close()
  })
})
