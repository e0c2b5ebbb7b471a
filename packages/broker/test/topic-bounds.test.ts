import { codeOf, createPartitions, createTopics, deleteTopics, type KafkaErrorName, metadata } from '@kafkado/core'
import { MemoryStorage } from '@kafkado/broker/storage'
import { batch } from '@kafkado/testing/conformance'
import { afterEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

const bounds = { maxPartitionsPerTopic: 6, maxPartitionsPerRequest: 8, maxPartitionsInAll: 12, maxTopics: 4 }

/** One client must not be able to fill the memory that all share. */
describe('topics and partitions are bounded', () => {
  let engine: EngineUnderTest | undefined
  afterEach(() => engine?.transport.close())

  const start = (options: object = bounds, storage = new MemoryStorage()): EngineUnderTest =>
    (engine = new EngineUnderTest(options, storage))
  const create = async (topics: Record<string, number>, validateOnly = false): Promise<string[]> => {
    const wanted = Object.entries(topics).map(([topic, numPartitions]) => ({
      topic,
      numPartitions,
      replicationFactor: 1,
      configs: [],
    }))
    const request = { timeoutMs: 1000, validateOnly, topics: wanted }
    const { topics: answers } = await (engine as EngineUnderTest).transport.send(createTopics, request)
    return answers.map(told)
  }
  const grow = async (topics: Record<string, number>, validateOnly = false): Promise<string[]> => {
    const wanted = Object.entries(topics).map(([topic, count]) => ({ topic, count }))
    const request = { timeoutMs: 1000, validateOnly, topics: wanted }
    const { results } = await (engine as EngineUnderTest).transport.send(createPartitions, request)
    return results.map(told)
  }
  const partitions = async (): Promise<Record<string, number>> => {
    const all = { topics: null, allowAutoTopicCreation: false }
    const { topics } = await (engine as EngineUnderTest).transport.send(metadata, all)
    return Object.fromEntries(topics.map(({ topic, partitions: own }) => [topic, own.length]))
  }

  it('for each topic, new or growing', async () => {
    start()
    expect(await create({ more: 7 })).toEqual([refusedBy('INVALID_PARTITIONS', 'PerTopic')])
    expect(await create({ most: 6, small: 1 })).toEqual(['made', 'made'])
    expect(await grow({ small: 7 })).toEqual([refusedBy('INVALID_PARTITIONS', 'PerTopic')])
    expect(await grow({ small: 2 ** 31 - 1 }, true)).toEqual([refusedBy('INVALID_PARTITIONS', 'PerTopic')])
    expect(await grow({ small: 6 })).toEqual(['made'])
    expect(await partitions()).toEqual({ most: 6, small: 6 })
  })

  it('for each request, which is refused whole', async () => {
    start()
    const excess = refusedBy('POLICY_VIOLATION', 'PerRequest')
    expect(await create({ a: 4, b: 5 })).toEqual([excess, excess])
    expect(await create({ a: 4, b: 5 }, true)).toEqual([excess, excess])
    expect(await create({ a: 1, b: 1 })).toEqual(['made', 'made'])
    expect(await grow({ a: 6, b: 5 })).toEqual([excess, excess])
    expect(await partitions()).toEqual({ a: 1, b: 1 })
    expect(await grow({ a: 5, b: 5 })).toEqual(['made', 'made'])
  })

  it('in all, until something is deleted', async () => {
    start()
    expect(await create({ a: 6, b: 2 })).toEqual(['made', 'made'])
    const excess = refusedBy('POLICY_VIOLATION', 'InAll')
    expect(await create({ c: 5 })).toEqual([excess])
    expect(await create({ c: 5 }, true)).toEqual([excess])
    expect(await create({ c: 3, d: 2 })).toEqual(['made', excess])
    expect(await grow({ b: 4 })).toEqual([excess])
    await (engine as EngineUnderTest).transport.send(deleteTopics, { timeoutMs: 1000, topics: ['a'] })
    expect(await create({ d: 2 })).toEqual(['made'])
    expect(await grow({ b: 6 })).toEqual(['made'])
    expect(await partitions()).toEqual({ b: 6, c: 3, d: 2 })
  })

  it('by the number of topics, also where their first use would create them', async () => {
    const { transport, harness } = start()
    expect(await create({ a: 1, b: 1, c: 1 })).toEqual(['made', 'made', 'made'])
    const asked = { topics: ['d', 'e'], allowAutoTopicCreation: true }
    const { topics } = await transport.send(metadata, asked)
    const excess = refusedBy('POLICY_VIOLATION', 'maxTopics')
    expect(topics.map(told)).toEqual(['made', excess])
    expect(told(await harness.produce('f', batch([{ value: 'a' }])))).toEqual(excess)
    expect(await create({ g: 1 })).toEqual([excess])
    expect(Object.keys(await partitions())).toEqual(['a', 'b', 'c', 'd'])
  })

  it('while those of an engine that had other bounds stay, and are used', async () => {
    const storage = new MemoryStorage()
    start({}, storage)
    expect(await create({ a: 20, b: 20 })).toEqual(['made', 'made'])
    await (engine as EngineUnderTest).transport.close()
    const { harness } = start(bounds, storage)
    expect(await partitions()).toEqual({ a: 20, b: 20 })
    expect(told(await harness.produce('a', batch([{ value: 'a' }]), 19))).toBe('made')
    expect(await create({ c: 1 })).toEqual([refusedBy('POLICY_VIOLATION', 'InAll')])
    expect(await grow({ a: 21 })).toEqual([refusedBy('INVALID_PARTITIONS', 'PerTopic')])
  })
})

function told({ errorCode, errorMessage }: { errorCode: number; errorMessage?: string | null | undefined }): string {
  if (errorCode === 0) return 'made'
  const name = (['INVALID_PARTITIONS', 'POLICY_VIOLATION'] as const).find((known) => codeOf(known) === errorCode)
  return `${name ?? errorCode}: ${errorMessage}`
}

/** A refusal that names the option. */
function refusedBy(name: KafkaErrorName, option: string): unknown {
  return expect.stringMatching(new RegExp(`^${name}: .*${option}\\)`))
}
