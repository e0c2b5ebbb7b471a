import { createPartitions, createTopics, deleteTopics, metadata, produce } from '@kafkado/core'
import type { MetadataResponse } from '@kafkado/core/protocol'
import { describe, expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { topicConfigs } from './topic-config-cases.ts'

const create = async (
  get: GetHarness,
  topic: string,
  numPartitions = 1,
  replicationFactor = -1,
  configs: { name: string; value: string | null }[] = [],
  validateOnly = false,
) => {
  const request = { timeoutMs: 30_000, validateOnly, topics: [{ topic, numPartitions, replicationFactor, configs }] }
  return (await get().transport.send(createTopics, request)).topics[0]
}

const describeTopic = async (
  get: GetHarness,
  topic: string,
  allowAutoTopicCreation = false,
): Promise<MetadataResponse['topics'][number] | undefined> =>
  (await get().transport.send(metadata, { topics: [topic], allowAutoTopicCreation })).topics[0]

/** createTopics, deleteTopics, createPartitions, metadata. */
export function topicCases(get: GetHarness): void {
  describe('createTopics', () => {
    topicCreation(get)
    topicNames(get)
    topicSizes(get)
  })
  describe('deleteTopics', () => topicDeletion(get))
  describe('createPartitions', () => partitionCreation(get))
  describe('metadata', () => topicDescriptions(get))
  describe('configs', () => topicConfigs(get))
}

function topicCreation(get: GetHarness): void {
  it('makes a topic with as many partitions as asked', async () => {
    const topic = get().name()
    expect(await create(get, topic, 5)).toMatchObject({ topic, errorCode: noError, numPartitions: 5 })
    const described = await describeTopic(get, topic)
    expect(described).toMatchObject({ errorCode: noError, topic, isInternal: false })
    expect(described?.partitions.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3, 4])
  })

  it('gives each topic an id, another one when it is made again', async () => {
    const topic = get().name()
    const first = await create(get, topic)
    await get().transport.send(deleteTopics, { timeoutMs: 30_000, topics: [topic] })
    const second = await create(get, topic)
    expect(first?.topicId).toMatch(/\w/)
    expect(second?.topicId).toMatch(/\w/)
    expect(second?.topicId).not.toBe(first?.topicId)
    expect((await describeTopic(get, topic))?.topicId).toBe(second?.topicId)
  })

  it('takes the default number of partitions for -1', async () => {
    const made = await create(get, get().name(), -1)
    expect(made?.errorCode).toBe(noError)
    expect(made?.numPartitions).toBeGreaterThan(0)
  })
}

/** Valid and invalid topic names. */
function topicNames(get: GetHarness): void {
  it('refuses a name that exists', async () => {
    const topic = await get().topic()
    expect(await create(get, topic)).toMatchObject({ errorCode: errorNumber('TOPIC_ALREADY_EXISTS') })
  })

  it.each(['', '.', '..', 'a b', 'ä', 'a/b', 'x'.repeat(250)])('refuses the name %j', async (name) => {
    expect(await create(get, name)).toMatchObject({ errorCode: errorNumber('INVALID_TOPIC_EXCEPTION') })
  })

  it('refuses a name that differs from another only in dots and underscores', async () => {
    const name = get().name()
    expect(await create(get, `${name}.a`)).toMatchObject({ errorCode: noError })
    expect(await create(get, `${name}_a`)).toMatchObject({ errorCode: errorNumber('INVALID_TOPIC_EXCEPTION') })
  })
}

/** Valid numbers of partitions and replicas, and valid settings. */
function topicSizes(get: GetHarness): void {
  it.each([0, -2])('refuses %d partitions', async (partitions) => {
    expect(await create(get, get().name(), partitions)).toMatchObject({ errorCode: errorNumber('INVALID_PARTITIONS') })
  })

  it.each([0, -2, 1000])('refuses a replication factor of %d', async (factor) => {
    expect(await create(get, get().name(), 1, factor)).toMatchObject({
      errorCode: errorNumber('INVALID_REPLICATION_FACTOR'),
    })
  })

  it.each([
    ['no.such.config', '1'],
    ['retention.ms', 'soon'],
    ['max.message.bytes', '-1'],
    ['cleanup.policy', 'shred'],
    ['message.timestamp.type', 'Yesterday'],
    ['compression.type', 'rar'],
  ])('refuses the setting %s=%s', async (name, value) => {
    expect(await create(get, get().name(), 1, -1, [{ name, value }])).toMatchObject({
      errorCode: errorNumber('INVALID_CONFIG'),
    })
  })

  it('only checks with validateOnly', async () => {
    const topic = get().name()
    expect(await create(get, topic, 1, -1, [], true)).toMatchObject({ errorCode: noError })
    expect(await describeTopic(get, topic)).toMatchObject({ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') })
  })

  it('lets each topic of a request succeed or fail on its own', async () => {
    const [good, bad] = [get().name(), 'not good']
    const topics = [good, bad].map((topic) => ({ topic, numPartitions: 1, replicationFactor: -1, configs: [] }))
    const response = await get().transport.send(createTopics, { timeoutMs: 30_000, validateOnly: false, topics })
    const errors = Object.fromEntries(response.topics.map(({ topic, errorCode }) => [topic, errorCode]))
    expect(errors).toEqual({ [good]: noError, [bad]: errorNumber('INVALID_TOPIC_EXCEPTION') })
  })
}

function topicDeletion(get: GetHarness): void {
  it('removes a topic and its records, also from one made again', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'old')
    const response = await get().transport.send(deleteTopics, { timeoutMs: 30_000, topics: [topic] })
    expect(response.topics).toMatchObject([{ topic, errorCode: noError }])
    expect(await describeTopic(get, topic)).toMatchObject({ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') })
    await create(get, topic)
    expect(await get().values(topic)).toEqual([])
    expect(await get().produce(topic, batch([{ value: 'new' }]))).toMatchObject({ errorCode: noError, baseOffset: 0 })
  })

  it('answers for a topic that does not exist', async () => {
    const response = await get().transport.send(deleteTopics, { timeoutMs: 30_000, topics: [get().name()] })
    expect(response.topics).toMatchObject([{ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') }])
  })
}

function partitionCreation(get: GetHarness): void {
  const raise = async (topic: string, count: number, validateOnly = false) =>
    (await get().transport.send(createPartitions, { timeoutMs: 30_000, validateOnly, topics: [{ topic, count }] }))
      .results[0]

  it('adds partitions and keeps the records of those there', async () => {
    const topic = await get().topic(1)
    await get().produceEach(topic, 'kept')
    expect(await raise(topic, 3)).toMatchObject({ errorCode: noError })
    expect((await describeTopic(get, topic))?.partitions).toHaveLength(3)
    expect(await get().values(topic)).toEqual(['kept'])
    expect(await get().produce(topic, batch([{ value: 'new' }]), 2)).toMatchObject({
      errorCode: noError,
      baseOffset: 0,
    })
  })

  it.each([1, 2])('refuses to go from 2 to %d', async (count) => {
    expect(await raise(await get().topic(2), count)).toMatchObject({ errorCode: errorNumber('INVALID_PARTITIONS') })
  })

  it('only checks with validateOnly', async () => {
    const topic = await get().topic(1)
    expect(await raise(topic, 2, true)).toMatchObject({ errorCode: noError })
    expect((await describeTopic(get, topic))?.partitions).toHaveLength(1)
  })

  it('answers for a topic that does not exist', async () => {
    expect(await raise(get().name(), 2)).toMatchObject({ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') })
  })
}

function topicDescriptions(get: GetHarness): void {
  it('lists all topics for null', async () => {
    const topic = await get().topic(2)
    const response = await get().transport.send(metadata, { topics: null, allowAutoTopicCreation: false })
    expect(response.topics.find((described) => described.topic === topic)?.partitions).toHaveLength(2)
    expect(response.brokers.length).toBeGreaterThan(0)
  })

  it('names a leader for each partition that is one of the brokers', async () => {
    const topic = await get().topic(3)
    const { brokers, topics } = await get().transport.send(metadata, {
      topics: [topic],
      allowAutoTopicCreation: false,
    })
    const nodes = brokers.map(({ nodeId }) => nodeId)
    for (const { leaderId, errorCode } of topics[0]?.partitions ?? [])
      expect([errorCode, nodes.includes(leaderId)]).toEqual([noError, true])
  })

  it('answers for a topic that does not exist, and makes it only when it may', async () => {
    const topic = get().name()
    expect(await describeTopic(get, topic)).toMatchObject({
      topic,
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
      partitions: [],
    })
    await describeTopic(get, topic, true)
    expect(await get().produce(topic, batch([{ value: 'x' }]))).toMatchObject({ errorCode: noError, baseOffset: 0 })
  })

  it('is not made by a produce that may not make it', async () => {
    const topic = get().name()
    const partitions = [{ partition: 0, records: batch([{ value: 'x' }]) }]
    const request = { transactionalId: null, acks: -1, timeoutMs: 30_000, topics: [{ topic, partitions }] }
    const { topics } = await get().transport.send(produce, { ...request, allowAutoTopicCreation: false })
    const absent = { errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') }
    expect(topics[0]?.partitions[0]).toMatchObject({ ...absent, baseOffset: -1 })
    expect(await describeTopic(get, topic)).toMatchObject(absent)
  })

  it('refuses an invalid name, also with creation allowed', async () => {
    expect(await describeTopic(get, 'no good', true)).toMatchObject({
      errorCode: errorNumber('INVALID_TOPIC_EXCEPTION'),
    })
  })
}
