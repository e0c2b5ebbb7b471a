import {
  codeOf,
  createPartitions,
  createTopics,
  deleteTopics,
  incrementalAlterConfigs,
  listOffsets,
  metadata,
} from '@kafkado/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

/** Well-formed requests that the engine refuses, as brokers do. */
describe('the engine refuses', () => {
  let engine: EngineUnderTest
  beforeEach(async () => {
    engine = new EngineUnderTest()
    for (const topic of ['kept', 'other']) await engine.transport.send(createTopics, creation(topic))
  })
  afterEach(() => engine.transport.close())

  const creation = (...topics: string[]) => ({
    timeoutMs: 1000,
    validateOnly: false,
    topics: topics.map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1, configs: [] })),
  })
  const partitionsOf = async (): Promise<Record<string, number>> => {
    const { topics } = await engine.transport.send(metadata, { topics: null, allowAutoTopicCreation: false })
    return Object.fromEntries(topics.map(({ topic, partitions }) => [topic, partitions.length]))
  }

  it('what a request would change and names twice, and carries out the rest', async () => {
    const { transport } = engine
    const twice = codeOf('INVALID_REQUEST')
    const made = await transport.send(createTopics, creation('twice', 'once', 'twice'))
    expect(made.topics.map(({ errorCode }) => errorCode)).toEqual([twice, 0, twice])
    const grown = await transport.send(createPartitions, {
      timeoutMs: 1000,
      validateOnly: false,
      topics: [
        { topic: 'kept', count: 2 },
        { topic: 'kept', count: 3 },
        { topic: 'other', count: 2 },
      ],
    })
    expect(grown.results.map(({ errorCode }) => errorCode)).toEqual([twice, twice, 0])
    const resources = ['kept', 'kept', 'other'].map((resourceName) => ({
      resourceType: 'topic' as const,
      resourceName,
      configs: [{ name: 'retention.ms', configOperation: 'set' as const, value: '5' }],
    }))
    const altered = await transport.send(incrementalAlterConfigs, { validateOnly: false, resources })
    expect(altered.responses.map(({ errorCode }) => errorCode)).toEqual([twice, twice, 0])
    const deleted = await transport.send(deleteTopics, { timeoutMs: 1000, topics: ['kept', 'once', 'kept'] })
    expect(deleted.topics.map(({ errorCode }) => errorCode)).toEqual([twice, 0, twice])
    expect(await partitionsOf()).toEqual({ kept: 1, other: 2 })
  })

  it('more partitions than it makes, added or new', async () => {
    const { transport } = engine
    const topics = [{ topic: 'kept', count: 2 ** 31 - 1 }]
    const grown = await transport.send(createPartitions, { timeoutMs: 1000, validateOnly: false, topics })
    expect(grown.results).toMatchObject([
      { errorCode: codeOf('INVALID_PARTITIONS'), errorMessage: expect.stringMatching(/1 to 10000 /) },
    ])
    expect(await partitionsOf()).toMatchObject({ kept: 1 })
  })

  it.each([-4, -100, -(2 ** 40)])('the time %d, which stands for nothing', async (timestamp) => {
    const topics = [{ topic: 'kept', partitions: [{ partition: 0, timestamp }] }]
    const { topics: answers } = await engine.transport.send(listOffsets, { isolationLevel: 'read_committed', topics })
    expect(answers[0]?.partitions).toMatchObject([{ errorCode: codeOf('UNSUPPORTED_VERSION'), offset: -1 }])
  })
})
