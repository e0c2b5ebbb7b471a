import {
  addOffsetsToTxn,
  describeProducers,
  describeTransactions,
  listTransactions,
  offsetCommit,
  offsetFetch,
} from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { refusal, settle, startGroup } from '../harness/test-member.ts'
import { TestProducer } from '../harness/test-producer.ts'

const start = (get: GetHarness) => new TestProducer(get()).init()

const committedOffset = async (get: GetHarness, groupId: string, topic: string, requireStable = false) => {
  const topics = [{ topic, partitions: [0] }]
  const request = { groupId, memberId: null, memberEpoch: -1, topics, requireStable }
  return (await get().transport.send(offsetFetch, request)).topics[0]?.partitions[0]
}

const commitPlainly = (get: GetHarness, groupId: string, topic: string, offset: number) => {
  const partitions = [{ partition: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null }]
  const topics = [{ topic, partitions }]
  return get().transport.send(offsetCommit, { groupId, memberId: '', memberEpoch: -1, groupInstanceId: null, topics })
}

const place = async (get: GetHarness) => ({
  topic: await get().topic(),
  groupId: get().name('group'),
  producer: await start(get),
})

/**
 * Offsets within transactions, and the view of administrators. Facts from KIP-447, KIP-664, KIP-890 and
 * OffsetMetadataManagerTest.
 */
export function transactionGroupCases(get: GetHarness): void {
  describe('txnOffsetCommit', () => {
    offsetsInTransactions(get)
    offsetsWithRecords(get)
    membersInTransactions(get)
  })
  describe('listTransactions and describeTransactions', () => transactionDescriptions(get))
  describe('describeProducers', () => producerDescriptions(get))
}

/** When the offsets of a transaction take effect. */
function offsetsInTransactions(get: GetHarness): void {
  it('is in force once the transaction is committed', async () => {
    const { topic, groupId, producer } = await place(get)
    expect(await producer.commitOffset(groupId, topic, 5)).toMatchObject({ errorCode: noError })
    expect(await committedOffset(get, groupId, topic)).toMatchObject({ errorCode: noError, committedOffset: -1 })
    await producer.end(true)
    expect(await committedOffset(get, groupId, topic)).toMatchObject({ errorCode: noError, committedOffset: 5 })
  })

  it('is dropped when the transaction is aborted', async () => {
    const { topic, groupId, producer } = await place(get)
    await commitPlainly(get, groupId, topic, 3)
    await producer.commitOffset(groupId, topic, 5)
    await producer.end(false)
    expect(await committedOffset(get, groupId, topic, true)).toMatchObject({ errorCode: noError, committedOffset: 3 })
  })

  it('makes readers that want decided offsets come again', async () => {
    const { topic, groupId, producer } = await place(get)
    await producer.commitOffset(groupId, topic, 5)
    expect(await committedOffset(get, groupId, topic, true)).toMatchObject({
      errorCode: errorNumber('UNSTABLE_OFFSET_COMMIT'),
      committedOffset: -1,
    })
    await producer.end(true)
    expect(await committedOffset(get, groupId, topic, true)).toMatchObject({ errorCode: noError, committedOffset: 5 })
  })

  it('counts the last of several within one transaction', async () => {
    const { topic, groupId, producer } = await place(get)
    await producer.commitOffset(groupId, topic, 5)
    await producer.commitOffset(groupId, topic, 8)
    await producer.end(true)
    expect(await committedOffset(get, groupId, topic)).toMatchObject({ committedOffset: 8 })
  })

  it('does not take back a commit that came after it', async () => {
    const { topic, groupId, producer } = await place(get)
    await producer.commitOffset(groupId, topic, 5)
    await commitPlainly(get, groupId, topic, 9)
    await producer.end(true)
    expect(await committedOffset(get, groupId, topic)).toMatchObject({ committedOffset: 9 })
  })

  it('keeps two producers apart', async () => {
    const { topic, groupId, producer } = await place(get)
    const other = await start(get)
    await producer.commitOffset(groupId, topic, 5)
    await other.commitOffset(groupId, topic, 7)
    await other.end(false)
    expect(await committedOffset(get, groupId, topic, true)).toMatchObject({
      errorCode: errorNumber('UNSTABLE_OFFSET_COMMIT'),
    })
    await producer.end(true)
    expect(await committedOffset(get, groupId, topic, true)).toMatchObject({ committedOffset: 5 })
  })
}

/** Offsets and records in one transaction. */
function offsetsWithRecords(get: GetHarness): void {
  it('is one with the records of the transaction', async () => {
    const { topic, groupId, producer } = await place(get)
    const output = await get().topic()
    await producer.send(output, ['result'])
    await producer.commitOffset(groupId, topic, 5)
    const next = await new TestProducer(get(), producer.transactionalId).init()
    expect(await committedOffset(get, groupId, topic, true)).toMatchObject({ committedOffset: -1 })
    expect(await get().committed(output)).toEqual([])
    await next.send(output, ['result'])
    await next.commitOffset(groupId, topic, 5)
    await next.end(true)
    expect(await committedOffset(get, groupId, topic, true)).toMatchObject({ committedOffset: 5 })
    expect(await get().committed(output)).toEqual(['result'])
  })

  it('can be announced beforehand, as producers of before KIP-890 do', async () => {
    const { topic, groupId, producer } = await place(get)
    const { transactionalId, producerId, producerEpoch } = producer
    await get().transport.send(addOffsetsToTxn, { transactionalId, producerId, producerEpoch, groupId })
    await producer.commitOffset(groupId, topic, 5)
    await producer.end(true)
    expect(await committedOffset(get, groupId, topic)).toMatchObject({ committedOffset: 5 })
  })

  it('answers for a partition that does not exist', async () => {
    const { groupId, producer } = await place(get)
    expect(await producer.commitOffset(groupId, get().name(), 5)).toMatchObject({
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
    })
  })
}

/** The members whose offsets a transaction may commit. */
function membersInTransactions(get: GetHarness): void {
  it('refuses a member that the group does not have (KIP-447)', async () => {
    const [group, producer] = [await startGroup(get()), await start(get)]
    await group.member().beat()
    const attempt = producer.commitOffset(group.groupId, group.topic, 5, { memberId: 'nobody', generationId: 1 })
    expect(await refusal(attempt)).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
  })

  it('refuses a member of a group that there is not', async () => {
    const { topic, groupId, producer } = await place(get)
    const attempt = producer.commitOffset(groupId, topic, 5, { memberId: 'nobody', generationId: 1 })
    expect(await refusal(attempt)).toBe(errorNumber('ILLEGAL_GENERATION'))
  })

  it('refuses a member at another epoch (KIP-447)', async () => {
    const [group, producer] = [await startGroup(get()), await start(get)]
    const { topic, groupId } = group
    const joined = group.member()
    await joined.beat()
    const { memberId, epoch } = joined
    const attempt = producer.commitOffset(groupId, topic, 5, { memberId, generationId: epoch + 3 })
    expect(await refusal(attempt)).toBe(errorNumber('ILLEGAL_GENERATION'))
    expect(await producer.commitOffset(groupId, topic, 5, { memberId, generationId: epoch })).toMatchObject({
      errorCode: noError,
    })
  })

  it('refuses a member at the epoch before, even for what it has had all the time', async () => {
    const [group, producer] = [await startGroup(get()), await start(get)]
    const first = group.member()
    await settle(first)
    const before = { memberId: first.memberId, generationId: first.epoch }
    await settle(first, group.member())
    const attempt = producer.commitOffset(group.groupId, group.topic, 5, before)
    expect(await refusal(attempt)).toBe(errorNumber('ILLEGAL_GENERATION'))
  })

  it('refuses a member of a group that has nothing but offsets', async () => {
    const { topic, groupId, producer } = await place(get)
    await producer.commitOffset(groupId, topic, 4)
    await producer.end(true)
    const attempt = producer.commitOffset(groupId, topic, 5, { memberId: 'nobody', generationId: 1 })
    expect(await refusal(attempt)).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
  })

  it('names no member, and is taken although the group has some', async () => {
    const [group, producer] = [await startGroup(get()), await start(get)]
    await settle(group.member())
    expect(await producer.commitOffset(group.groupId, group.topic, 5)).toMatchObject({ errorCode: noError })
  })

  it('refuses a producer of another transactional id', async () => {
    const { topic, groupId, producer } = await place(get)
    const attempt = producer.commitOffset(groupId, topic, 5, { transactionalId: get().name('transaction') })
    expect(await refusal(attempt)).toBe(errorNumber('INVALID_PRODUCER_ID_MAPPING'))
  })
}

function transactionDescriptions(get: GetHarness): void {
  const list = async (filters: { states?: string[]; producerIds?: number[]; durationMs?: number } = {}) =>
    get().transport.send(listTransactions, {
      stateFilters: filters.states ?? [],
      producerIdFilters: filters.producerIds ?? [],
      durationFilterMs: filters.durationMs ?? -1,
    })

  const describeOne = async (transactionalId: string) =>
    (await get().transport.send(describeTransactions, { transactionalIds: [transactionalId] })).transactionStates[0]

  it('follow a transaction through its states', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    const state = async () => (await describeOne(producer.transactionalId))?.transactionState
    expect(await state()).toBe('Empty')
    await producer.send(topic, ['a'])
    expect(await state()).toBe('Ongoing')
    await producer.end(true)
    expect(await state()).toBe('CompleteCommit')
    await producer.send(topic, ['a'])
    await producer.end(false)
    expect(await state()).toBe('CompleteAbort')
  })

  it('say who writes where, and since when', async () => {
    const [topic, producer] = [await get().topic(2), await start(get)]
    expect(await describeOne(producer.transactionalId)).toMatchObject({ transactionStartTimeMs: -1, topics: [] })
    await producer.send(topic, ['a'], 1)
    const { producerId, producerEpoch, transactionalId } = producer
    const found = await describeOne(transactionalId)
    expect(found).toMatchObject({ producerId, producerEpoch, transactionTimeoutMs: 60_000 })
    expect(found?.topics).toEqual([{ topic, partitions: [1] }])
    expect(found?.transactionStartTimeMs).toBeGreaterThan(0)
  })

  it('list by state and by producer', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    const { transactionalId, producerId } = producer
    await producer.send(topic, ['a'])
    const mine = { transactionalId, producerId, transactionState: 'Ongoing' }
    expect((await list({ producerIds: [producerId] })).transactionStates).toEqual([mine])
    expect((await list({ states: ['Ongoing'] })).transactionStates).toContainEqual(mine)
    expect((await list({ states: ['Empty'], producerIds: [producerId] })).transactionStates).toEqual([])
    expect((await list({ producerIds: [producerId], durationMs: 3_600_000 })).transactionStates).toEqual([])
  })

  it('name the states that there are not', async () => {
    expect((await list({ states: ['Ongoing', 'Sleeping'] })).unknownStateFilters).toEqual(['Sleeping'])
  })

  it('answer for a transactional id that nobody has', async () => {
    expect(await describeOne(get().name('transaction'))).toMatchObject({
      errorCode: errorNumber('TRANSACTIONAL_ID_NOT_FOUND'),
    })
  })
}

function producerDescriptions(get: GetHarness): void {
  const describeOne = async (topic: string, partition = 0) => {
    const response = await get().transport.send(describeProducers, { topics: [{ topic, partitions: [partition] }] })
    return response.topics[0]?.partitions[0]
  }

  it('names the open transaction that holds up readers', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await get().produceEach(topic, 'plain')
    await producer.send(topic, ['a', 'b'])
    const { producerId, producerEpoch } = producer
    expect((await describeOne(topic))?.activeProducers).toMatchObject([
      { producerId, producerEpoch, lastSequence: 1, currentTxnStartOffset: 1 },
    ])
    await producer.end(true)
    expect((await describeOne(topic))?.activeProducers).toMatchObject([
      { producerId, producerEpoch: producerEpoch + 1, lastSequence: -1, currentTxnStartOffset: -1 },
    ])
  })

  it('answers for a partition that does not exist', async () => {
    expect(await describeOne(await get().topic(), 3)).toMatchObject({
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
    })
  })
}
