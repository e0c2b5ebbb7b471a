import {
  createTopics,
  describeConfigs,
  incrementalAlterConfigs,
  InvalidRequestError,
  listGroups,
  listTransactions,
  metadata,
} from '@kafkado/core'
import type { IncrementalAlterConfigsRequest } from '@kafkado/core/protocol'
import { allOperations, type Schema, schemasOf } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { errorNumber, type GetHarness, noError } from './harness/harness.ts'
import { settle, TestMember } from './harness/test-member.ts'
import { TestProducer } from './harness/test-producer.ts'

type Change = IncrementalAlterConfigsRequest['resources'][number]['configs'][number]

const set = (name: string, value: string | null): Change => ({ name, configOperation: 'set', value })
const reset = (name: string): Change => ({ name, configOperation: 'delete', value: null })

/** What Kafka does with what stands more than once in a list other than that of the elements. */
const inKafka: Readonly<Record<string, 'refuses the element' | 'keeps the last' | 'counts it once'>> = {
  'listGroups statesFilter': 'counts it once',
  'listGroups typesFilter': 'counts it once',
  // Which of the two was meant is not known, so every transport refuses the whole request.
  'createTopics topics configs': 'keeps the last',
  'describeConfigs resources configurationKeys': 'counts it once',
  'incrementalAlterConfigs resources configs': 'refuses the element',
  'listTransactions stateFilters': 'counts it once',
  'listTransactions producerIdFilters': 'counts it once',
  'consumerGroupHeartbeat subscribedTopicNames': 'counts it once',
  'consumerGroupHeartbeat topicPartitions': 'counts it once',
  'consumerGroupHeartbeat topicPartitions partitions': 'counts it once',
}

/** Every list of a request, by the path to it. */
function listsIn({ form }: Schema, path: string): string[] {
  if (form.type === 'object')
    return Object.entries(form.shape).flatMap(([field, inner]) => listsIn(inner, `${path} ${field}`))
  if (form.type === 'nullable' || form.type === 'optional') return listsIn(form.inner, path)
  return form.type === 'array' ? [path, ...listsIn(form.element, path)] : []
}

/** What a list within an element names more than once, or a list that is no list of elements. */
export function repeatedPartCases(get: GetHarness): void {
  describe('a part of a request that stands in it more than once', () => {
    it('is looked at in every list but those of the elements and their partitions', () => {
      const lists = allOperations.flatMap((operation) => {
        const { name, elements } = operation
        const looked = elements ? [`${name} ${elements.asked}`, `${name} ${elements.asked} partitions`] : []
        return listsIn(schemasOf(operation).request, name).filter((path) => !looked.includes(path))
      })
      expect(lists.toSorted()).toEqual(Object.keys(inKafka).toSorted())
    })

    changedSettings(get)
    otherSettings(get)
    memberships(get)
    filters(get)
  })
}

function changedSettings(get: GetHarness): void {
  const alter = async (topics: Record<string, readonly Change[]>, validateOnly = false) => {
    const resources = Object.entries(topics).map(([resourceName, configs]) => ({
      resourceType: 'topic' as const,
      resourceName,
      configs: [...configs],
    }))
    const { responses } = await get().transport.send(incrementalAlterConfigs, { validateOnly, resources })
    return Object.keys(topics).map((name) => responses.find((one) => one.resourceName === name)?.errorCode)
  }
  const valuesOf = async (topic: string): Promise<Record<string, string | null>> => {
    const resources = [{ resourceType: 'topic' as const, resourceName: topic, configurationKeys: null }]
    const { results } = await get().transport.send(describeConfigs, { resources })
    return Object.fromEntries((results[0]?.configs ?? []).map(({ name, value }) => [name, value]))
  }
  const invalid = errorNumber('INVALID_REQUEST')

  it.each<[string, Change[]]>([
    ['with the same value', [set('retention.ms', '5000'), set('retention.ms', '5000')]],
    ['with two values', [set('retention.ms', '5000'), set('retention.ms', '6000')]],
    ['set and put back', [set('retention.ms', '5000'), reset('retention.ms')]],
    ['put back and set', [reset('retention.ms'), set('retention.ms', '5000')]],
    ['put back twice', [reset('retention.ms'), reset('retention.ms')]],
    ['apart', [set('retention.ms', '5000'), set('retention.bytes', '5000'), set('retention.ms', '5000')]],
    ['with a value that is not valid', [set('retention.ms', 'x'), set('retention.ms', '5000')]],
    ['under a name that is no setting', [set('no.such.setting', '1'), set('no.such.setting', '1')]],
    // Not a repetition, and refused as one.
    ['without a value', [set('retention.bytes', '5000'), set('retention.ms', null)]],
  ])('a setting %s changes nothing of its topic, and the other topics', async (_, changes) => {
    const [topic, other] = [await get().topic(1, { 'retention.ms': '9000' }), await get().topic()]
    const before = await valuesOf(topic)
    const topics = { [topic]: changes, [other]: [set('retention.ms', '7000')] }
    for (const validateOnly of [true, false]) expect(await alter(topics, validateOnly)).toEqual([invalid, noError])
    expect(await valuesOf(topic)).toEqual(before)
    expect(await valuesOf(other)).toMatchObject({ 'retention.ms': '7000' })
  })

  it('a setting of a topic that is not there is refused all the same', async () => {
    const changes = [set('retention.ms', '1'), set('retention.ms', '1')]
    expect(await alter({ [get().name()]: changes })).toEqual([invalid])
  })

  it('different settings of one topic, and one setting of several topics, are all changed', async () => {
    const [one, other] = [await get().topic(), await get().topic()]
    const changes = [set('retention.ms', '5000'), set('retention.bytes', '5000')]
    expect(await alter({ [one]: changes, [other]: changes })).toEqual([noError, noError])
    for (const topic of [one, other])
      expect(await valuesOf(topic)).toMatchObject({ 'retention.ms': '5000', 'retention.bytes': '5000' })
  })
}

function otherSettings(get: GetHarness): void {
  it.each([
    ['the same value', '5000'],
    ['another value', '6000'],
    ['no value', null],
  ])('a setting of a topic to be made, with %s, refuses the whole request', async (_, again) => {
    const [topic, other] = [get().name(), get().name()]
    const configs = [
      { name: 'retention.ms', value: '5000' },
      { name: 'retention.ms', value: again },
    ]
    const wanted = { numPartitions: 1, replicationFactor: -1 }
    const topics = [
      { ...wanted, topic: other, configs: [] },
      { ...wanted, topic, configs },
    ]
    const asking = get().transport.send(createTopics, { timeoutMs: 30_000, validateOnly: false, topics })
    await expect(asking).rejects.toThrow(InvalidRequestError)
    await expect(asking).rejects.toMatchObject({ outcome: 'failed', retriable: false })
    await expect(asking).rejects.toThrow(`it names setting 'retention.ms' of topic '${topic}' more than once`)
    const { topics: known } = await get().transport.send(metadata, { topics: [other], allowAutoTopicCreation: false })
    expect(known[0]).toMatchObject({ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') })
  })

  it.each([
    [['retention.ms', 'retention.ms', 'no.such.setting', 'retention.ms'], ['retention.ms']],
    [[], undefined],
  ])('the settings %j are described once each, and without any all of them', async (configurationKeys, named) => {
    const resources = [{ resourceType: 'topic' as const, resourceName: await get().topic(), configurationKeys }]
    const all = resources.map((one) => ({ ...one, configurationKeys: null }))
    const namesIn = async (asked: typeof resources | typeof all): Promise<string[] | undefined> =>
      (await get().transport.send(describeConfigs, { resources: asked })).results[0]?.configs
        .map(({ name }) => name)
        .toSorted()
    const described = await namesIn(resources)
    expect(described).toEqual(named ?? (await namesIn(all)))
    expect(described?.length).toBeGreaterThan(0)
  })
}

function memberships(get: GetHarness): void {
  it('a topic that a member subscribes to, or owns, counts once', async () => {
    const [topic, groupId] = [await get().topic(2), get().name('group')]
    const member = new TestMember(get(), groupId, [topic, topic])
    await settle(member)
    expect(member.partitions).toEqual([0, 1])
    const { epoch, owned } = member
    const twice = owned.map((one) => ({ ...one, partitions: [...one.partitions, ...one.partitions] }))
    for (const topicPartitions of [twice, [...owned, ...owned]])
      expect(await member.beat({ topicPartitions })).toMatchObject({ memberEpoch: epoch })
    expect(member.owned).toEqual(owned)
  })
}

function filters(get: GetHarness): void {
  it('a state, a type or a producer that a listing is narrowed to counts once', async () => {
    const groupId = get().name('group')
    const member = new TestMember(get(), groupId, [await get().topic()])
    await settle(member)
    const stable = { statesFilter: ['Stable', 'stable', 'Stable'], typesFilter: ['consumer', 'consumer'] }
    const { groups } = await get().transport.send(listGroups, stable)
    expect(groups.filter((one) => one.groupId === groupId)).toMatchObject([{ groupState: 'Stable' }])
    const producer = await new TestProducer(get()).init()
    const { producerId, transactionalId } = producer
    const listed = await get().transport.send(listTransactions, {
      stateFilters: ['Empty', 'NoSuchState', 'Empty', 'NoSuchState'],
      producerIdFilters: [producerId, producerId],
      durationFilterMs: -1,
    })
    expect(listed).toMatchObject({ unknownStateFilters: ['NoSuchState'], transactionStates: [{ transactionalId }] })
  })
}
