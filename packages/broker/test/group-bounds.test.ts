import { MemoryStorage } from '@kafkado/broker/storage'
import { addOffsetsToTxn, deleteGroups, endTxn, offsetCommit } from '@kafkado/core'
import { TestMember } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

/** One client must not be able to fill the memory that all share. */
describe('groups are bounded', () => {
  let engine: EngineUnderTest
  let topic: string
  beforeEach(async () => {
    engine = new EngineUnderTest({ maxGroups: 3, maxGroupMembers: 2 }, new MemoryStorage())
    topic = await engine.harness.topic()
  })
  afterEach(() => engine.transport.close())

  const told = (attempt: Promise<unknown>): Promise<unknown> =>
    attempt.then(
      () => 'taken',
      (error: Error & { kafkaName?: string }) => error.kafkaName,
    )
  const join = (groupId: string, options: object = {}): TestMember =>
    new TestMember(engine.harness, groupId, [topic], options)
  const commit = (groupId: string): Promise<unknown> => {
    const partitions = [{ partition: 0, committedOffset: 0, committedLeaderEpoch: -1, committedMetadata: null }]
    const member = { memberId: '', memberEpoch: -1, groupInstanceId: null }
    return told(engine.transport.send(offsetCommit, { groupId, ...member, topics: [{ topic, partitions }] }))
  }

  it('in all: those with members, with offsets, and with offsets of an open transaction, each once', async () => {
    expect(await told(join('both').beat())).toBe('taken')
    const producer = await engine.producer('id')
    await producer.commitOffset('both', topic, 1)
    await producer.commitOffset('pending', topic, 1)
    expect(await commit('offsets')).toBe('taken')
    expect(await commit('fourth')).toBe('POLICY_VIOLATION')
    expect(await told(join('fourth').beat())).toBe('POLICY_VIOLATION')
    expect(await told(producer.commitOffset('fourth', topic, 1))).toBe('POLICY_VIOLATION')
    // Those that are there go on.
    expect(await commit('offsets')).toBe('taken')
    expect(await told(join('both').beat())).toBe('taken')
    expect(await told(producer.commitOffset('pending', topic, 2))).toBe('taken')
    const { transactionalId, producerId, producerEpoch } = producer
    const asked = { transactionalId, producerId, producerEpoch }
    expect(await told(engine.transport.send(addOffsetsToTxn, { ...asked, groupId: 'offsets' }))).toBe('taken')
    await engine.transport.send(endTxn, { ...asked, committed: false })
    // The aborted offsets were all that the group had.
    expect(await commit('fourth')).toBe('taken')
    expect(await commit('fifth')).toBe('POLICY_VIOLATION')
    await engine.transport.send(deleteGroups, { groups: ['fourth'] })
    expect(await commit('fifth')).toBe('taken')
  })

  it('by members, of whom one that goes makes room', async () => {
    const [first, second] = [join('group'), join('group')]
    await first.beat()
    await second.beat()
    expect(await told(join('group').beat())).toBe('GROUP_MAX_SIZE_REACHED')
    expect(await told(join('other').beat())).toBe('taken')
    // Those who are in stay, also when they join anew.
    await first.beat()
    second.epoch = 0
    second.owned = []
    expect(await told(second.beat())).toBe('taken')
    await first.beat({ memberEpoch: -1, topicPartitions: null })
    expect(await told(join('group').beat())).toBe('taken')
  })

  it('and a member that comes back by its instance takes no place more', async () => {
    const staying = join('group', { instanceId: 'instance' })
    await staying.beat()
    await join('group').beat()
    await staying.beat({ memberEpoch: -2, topicPartitions: [] })
    expect(await told(join('group', { instanceId: 'instance' }).beat())).toBe('taken')
    expect(await told(join('group', { instanceId: 'another' }).beat())).toBe('GROUP_MAX_SIZE_REACHED')
  })

  it('and are counted again after a restart', async () => {
    await join('members').beat()
    expect(await commit('offsets')).toBe('taken')
    expect(await commit('members')).not.toBe('POLICY_VIOLATION')
    await engine.restart()
    expect(await commit('third')).toBe('taken')
    expect(await commit('fourth')).toBe('POLICY_VIOLATION')
  })
})
