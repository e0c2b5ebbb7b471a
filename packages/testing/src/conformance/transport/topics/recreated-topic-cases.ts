import { describe, expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { RecreatedTopic } from './recreated-topic.ts'
import { recreatedTopicMembers } from './recreated-topic-members.ts'
import { settle, settleUntil, TestMember } from '../harness/test-member.ts'
import { TestProducer } from '../harness/test-producer.ts'

const unknownTopicId = errorNumber('UNKNOWN_TOPIC_ID')
/** The possible answers for a partition that was just deleted; brokers learn of the deletion at different moments. */
const gone = [
  errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
  unknownTopicId,
  errorNumber('INCONSISTENT_TOPIC_ID'),
  errorNumber('NOT_LEADER_OR_FOLLOWER'),
]

const make = (get: GetHarness) => RecreatedTopic.make(get())

/** Topics that are deleted, and topics recreated under the same name. Facts from KIP-516, KIP-848 and KAFKA-14690. */
export function recreatedTopicCases(get: GetHarness): void {
  describe('a request that says the id of the topic', () => {
    requestsWithIds(get)
    commitsWithIds(get)
  })
  describe('deleting a topic', () => {
    deletions(get)
    deletionsBesides(get)
  })
  describe('a member', () => recreatedTopicMembers(get))
  describe('a producer', () => producersOfTopics(get))
}

function requestsWithIds(get: GetHarness): void {
  const asking: Record<string, (topic: RecreatedTopic, topicId: string) => Promise<{ errorCode: number }>> = {
    produce: (topic, topicId) => topic.produce(topicId),
    fetch: (topic, topicId) => topic.fetch(topicId),
    listOffsets: (topic, topicId) => topic.listEnd(topicId),
    offsetCommit: (topic, topicId) => topic.commit(get().name('group'), topicId, 1),
    offsetFetch: (topic, topicId) => topic.committed(get().name('group'), topicId),
    txnOffsetCommit: async (topic, topicId) => {
      const producer = await new TestProducer(get()).init()
      const answer = await topic.commitIn(producer, get().name('group'), topicId, 1)
      await producer.end(false)
      return answer
    },
  }

  it.each(Object.keys(asking))('is carried out where it has that id: %s', async (operation) => {
    const topic = await make(get)
    expect(await asking[operation]?.(topic, topic.topicId)).toMatchObject({ errorCode: noError })
  })

  it.each(Object.keys(asking))('is refused when it was made again, and not for the new one: %s', async (operation) => {
    const topic = await make(get)
    const before = await topic.recreate()
    expect(await asking[operation]?.(topic, before)).toMatchObject({ errorCode: unknownTopicId })
    expect(await asking[operation]?.(topic, topic.topicId)).toMatchObject({ errorCode: noError })
  })

  it.each(Object.keys(asking))('is refused when it was deleted: %s', async (operation) => {
    const topic = await make(get)
    await topic.delete()
    expect(await asking[operation]?.(topic, topic.topicId)).toMatchObject({ errorCode: unknownTopicId })
  })

  it.each(Object.keys(asking))('does not reach another topic by its id: %s', async (operation) => {
    const [topic, other] = [await make(get), await make(get)]
    const answer = await asking[operation]?.(topic, other.topicId)
    expect(answer).toMatchObject({ errorCode: errorNumber('INCONSISTENT_TOPIC_ID') })
    // The caller may not be allowed to know that such a topic exists.
    expect(JSON.stringify(answer)).not.toContain(other.topic)
  })
}

function commitsWithIds(get: GetHarness): void {
  it('commits nothing for the topic that has the name now', async () => {
    const [topic, groupId] = [await make(get), get().name('group')]
    const before = await topic.recreate()
    const producer = await new TestProducer(get()).init()
    await topic.commit(groupId, before, 50)
    await topic.commitIn(producer, groupId, before, 60)
    await producer.send(topic.topic, ['one'])
    await producer.end(true)
    expect(await topic.committed(groupId)).toMatchObject({ errorCode: noError, committedOffset: -1 })
  })

  it('does not keep the other topics of it from being committed', async () => {
    const [topic, other, groupId] = [await make(get), await make(get), get().name('group')]
    const before = await topic.recreate()
    const members = [topic, other].map(({ topic: name }) => name)
    const member = new TestMember(get(), groupId, members)
    await settleUntil(() => member.owned.length === 2, member)
    const identity = { memberId: member.memberId, memberEpoch: member.epoch }
    expect(await topic.commit(groupId, before, 50, identity)).toMatchObject({ errorCode: unknownTopicId })
    expect(await other.commit(groupId, other.topicId, 5, identity)).toMatchObject({ errorCode: noError })
    expect(await topic.committed(groupId)).toMatchObject({ committedOffset: -1 })
    expect(await other.committed(groupId)).toMatchObject({ committedOffset: 5 })
  })
}

/** What ends with a deletion. */
function deletions(get: GetHarness): void {
  it('ends fetches that wait for its records, which read nothing of the one made next', async () => {
    const topic = await make(get)
    const patient = { maxWaitMs: 60_000 }
    const waiting = [topic.fetch(topic.topicId, patient), topic.fetch(topic.topicId, { ...patient, maxWaitMs: 50_000 })]
    await topic.recreate()
    await get().produceEach(topic.topic, 'new')
    for (const { errorCode, records } of await Promise.all(waiting)) {
      expect(gone).toContain(errorCode)
      expect(records).toHaveLength(0)
    }
  })

  it('makes it unknown, and no reader makes it again', async () => {
    const [topic, groupId] = [await make(get), get().name('group')]
    await topic.delete()
    const missing = errorNumber('UNKNOWN_TOPIC_OR_PARTITION')
    expect(await topic.fetch(null)).toMatchObject({ errorCode: missing })
    expect(await topic.listEnd(null)).toMatchObject({ errorCode: missing })
    expect(await topic.commit(groupId, null, 1)).toMatchObject({ errorCode: missing })
    expect(await topic.committed(groupId)).toMatchObject({ errorCode: noError, committedOffset: -1 })
    await settle(new TestMember(get(), groupId, [topic.topic]))
    expect(await topic.describe()).toMatchObject({ errorCode: missing, topicId: null })
  })

  it('deletes what groups have committed for it, in open transactions too', async () => {
    const [topic, plain, pending] = [await make(get), get().name('group'), get().name('group')]
    await topic.commit(plain, topic.topicId, 50)
    const producer = await new TestProducer(get()).init()
    await topic.commitIn(producer, pending, topic.topicId, 60)
    await topic.recreate()
    for (const groupId of [plain, pending])
      expect(
        await get().until(
          () => topic.committed(groupId, topic.topicId),
          ({ errorCode, committedOffset }) => errorCode === noError && committedOffset === -1,
        ),
      ).toMatchObject({ errorCode: noError, committedOffset: -1 })
    await producer.end(true)
    expect(await topic.committed(pending)).toMatchObject({ errorCode: noError, committedOffset: -1 })
  })
}

/** What continues after a deletion. */
function deletionsBesides(get: GetHarness): void {
  it('is answered cleanly by whatever is asked at the same moment', async () => {
    const [topic, groupId] = [await make(get), get().name('group')]
    await get().produceEach(topic.topic, 'a', 'b', 'c')
    const records = batch([{ value: 'd' }])
    const ask = () => [
      get().produce(topic.topic, records),
      topic.fetch(null),
      topic.fetch(topic.topicId),
      get().offsetFor(topic.topic, 1),
      topic.listEnd(topic.topicId),
      topic.commit(groupId, topic.topicId, 1),
      topic.committed(groupId, topic.topicId),
    ]
    const before = ask()
    const deleted = topic.delete()
    const answers = await Promise.all([...before, ...ask()])
    await deleted
    for (const { errorCode } of answers) expect([noError, ...gone]).toContain(errorCode)
  })
}

function producersOfTopics(get: GetHarness): void {
  it('goes on in the new topic with the sequence it had in the old one', async () => {
    const topic = await make(get)
    const identity = await get().producerId()
    const send = (baseSequence: number) =>
      get().produce(topic.topic, batch([{ value: 'a' }, { value: 'b' }], { ...identity, baseSequence }))
    expect(await send(0)).toMatchObject({ errorCode: noError, baseOffset: 0 })
    await topic.recreate()
    expect(await send(2)).toMatchObject({ errorCode: noError, baseOffset: 0 })
    expect(await send(4)).toMatchObject({ errorCode: noError, baseOffset: 2 })
  })

  it.each([true, false])('ends its transaction although a topic of it is gone: committed %s', async (committed) => {
    const [topic, other] = [await make(get), await make(get)]
    const producer = await new TestProducer(get()).init()
    await producer.send(topic.topic, ['lost'])
    await producer.send(other.topic, ['kept'])
    await topic.delete()
    await producer.end(committed)
    expect(await get().committed(other.topic)).toEqual(committed ? ['kept'] : [])
    await producer.send(other.topic, ['next'])
    await producer.end(true)
    expect(await get().committed(other.topic)).toEqual(committed ? ['kept', 'next'] : ['next'])
  })

  it('is taken over although a topic of its transaction is gone', async () => {
    const topic = await make(get)
    const producer = await new TestProducer(get()).init()
    await producer.send(topic.topic, ['lost'])
    await topic.recreate()
    const next = await new TestProducer(get(), producer.transactionalId).init()
    await next.send(topic.topic, ['kept'])
    await next.end(true)
    expect(await get().committed(topic.topic)).toEqual(['kept'])
  })

  it('cannot go on in the new topic with the transaction in which it wrote to the old one', async () => {
    const topic = await make(get)
    const producer = await new TestProducer(get()).init()
    await producer.send(topic.topic, ['lost'])
    await topic.recreate()
    expect(await producer.send(topic.topic, ['refused'])).toMatchObject({
      errorCode: errorNumber('OUT_OF_ORDER_SEQUENCE_NUMBER'),
    })
    await producer.end(false)
    await producer.send(topic.topic, ['kept'])
    await producer.end(true)
    expect(await get().committed(topic.topic)).toEqual(['kept'])
  })
}
