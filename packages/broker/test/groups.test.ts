import { describeGroups, listGroups, offsetCommit, offsetFetch } from '@kafkado/core'
import { TestMember } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

describe('groups over time and restarts', () => {
  let engine: EngineUnderTest
  let topic: string
  beforeEach(async () => {
    engine = new EngineUnderTest()
    topic = await engine.harness.topic(4)
  })
  afterEach(() => engine.transport.close())

  const member = (options: ConstructorParameters<typeof TestMember>[3] = {}) =>
    new TestMember(engine.harness, 'group', [topic], options)

  const settle = async (...members: TestMember[]): Promise<void> => {
    for (let round = 0; round < 6; round++) for (const one of members) await one.beat()
  }

  const describeGroup = async () => (await engine.transport.send(describeGroups, { groupIds: ['group'] })).groups[0]

  const commit = (groupId: string, committedOffset: number) => {
    const partitions = [{ partition: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: null }]
    const request = { groupId, memberId: '', memberEpoch: -1, groupInstanceId: null, topics: [{ topic, partitions }] }
    return engine.transport.send(offsetCommit, request)
  }

  const committed = async (groupId: string) => {
    const topics = [{ topic, partitions: [0] }]
    const request = { groupId, memberId: null, memberEpoch: -1, topics, requireStable: false }
    return (await engine.transport.send(offsetFetch, request)).topics[0]?.partitions[0]?.committedOffset
  }

  it('gives the partitions of a member that falls silent to the others after the session timeout', async () => {
    const [silent, alive] = [member(), member()]
    await settle(silent, alive)
    for (let second = 0; second < 44; second += 4) {
      await engine.clock.advanceAsync('4s')
      await alive.beat()
    }
    expect(alive.partitions).toHaveLength(2)
    await engine.clock.advanceAsync('2s')
    await settle(alive)
    expect(alive.partitions).toEqual([0, 1, 2, 3])
    await expect(silent.beat()).rejects.toMatchObject({ kafkaName: 'UNKNOWN_MEMBER_ID' })
  })

  it('removes a member that does not let go within its rebalance timeout', async () => {
    const slow = member({ rebalanceTimeoutMs: 10_000 })
    await slow.beat()
    const next = member()
    await next.beat()
    const keeps = { topicPartitions: null }
    await slow.beat(keeps)
    for (let second = 0; second < 9; second++) {
      await engine.clock.advanceAsync('1s')
      await slow.beat(keeps)
      await next.beat()
    }
    expect(next.partitions).toEqual([])
    await engine.clock.advanceAsync('1s')
    await settle(next)
    expect(next.partitions).toEqual([0, 1, 2, 3])
    await expect(slow.beat(keeps)).rejects.toMatchObject({ kafkaName: 'UNKNOWN_MEMBER_ID' })
  })

  it('keeps the partitions of a static member that left for a while, until its session is over', async () => {
    const [fixed, other] = [member({ instanceId: 'one' }), member()]
    await settle(fixed, other)
    const had = fixed.partitions
    await fixed.beat({ memberEpoch: -2 })
    await engine.clock.advanceAsync('40s')
    await settle(other)
    expect(other.partitions).toHaveLength(2)
    const back = member({ instanceId: 'one' })
    await settle(back, other)
    expect(back.partitions).toEqual(had)
    await back.beat({ memberEpoch: -2 })
    await engine.clock.advanceAsync('30s')
    await settle(other)
    await engine.clock.advanceAsync('15s')
    await settle(other)
    expect(other.partitions).toEqual([0, 1, 2, 3])
  })

  it('finds members, epochs and partitions again after a restart, and the epoch never goes back', async () => {
    const [first, second] = [member(), member()]
    await settle(first, second)
    const before = await describeGroup()
    const [id, epoch, owned] = [second.memberId, second.epoch, second.owned]
    await engine.restart()
    expect(await describeGroup()).toEqual(before)
    const again = new TestMember(engine.harness, 'group', [topic], { memberId: id })
    Object.assign(again, { epoch, owned })
    expect((await again.beat()).memberEpoch).toBe(epoch)
    await again.beat({ memberEpoch: -1 })
    const late = new TestMember(engine.harness, 'group', [topic])
    await late.beat()
    expect(late.epoch).toBeGreaterThan(epoch)
  })

  it('remembers the epoch of a group that nobody is in for 7 days, whenever it is restarted meanwhile', async () => {
    const epochOfNext = async (): Promise<number> => {
      const next = member()
      await next.beat()
      const { epoch } = next
      await next.beat({ memberEpoch: -1 })
      return epoch
    }
    expect(await epochOfNext()).toBe(1)
    for (const epoch of [3, 5]) {
      await engine.restart()
      await engine.clock.advanceAsync('6d')
      await engine.restart()
      await engine.clock.advanceAsync('2h')
      expect(await epochOfNext()).toBe(epoch)
    }
    await engine.restart()
    await engine.clock.advanceAsync('6d')
    await engine.restart()
    await engine.clock.advanceAsync('25h')
    expect(await epochOfNext()).toBe(1)
  })

  it('ends the session of a member that does not come back after a restart', async () => {
    await settle(member())
    await engine.restart()
    await engine.clock.advanceAsync('45s')
    expect(await describeGroup()).toMatchObject({ groupState: 'Empty', members: [] })
  })

  it('knows subscriptions by expression after a restart', async () => {
    const wide = new TestMember(engine.harness, 'group', [], { subscribedTopicRegex: `${topic}.*` })
    await settle(wide)
    const { memberId, epoch, owned } = wide
    await engine.restart()
    const again = new TestMember(engine.harness, 'group', [], { memberId, subscribedTopicRegex: null })
    Object.assign(again, { epoch, owned })
    const grown = await engine.harness.topic()
    expect(grown).not.toContain(topic)
    expect((await again.beat({ subscribedTopicNames: null })).memberEpoch).toBe(epoch)
    expect(await describeGroup()).toMatchObject({ members: [{ subscribedTopicRegex: `${topic}.*` }] })
  })

  it('forgets offsets that were not committed again for 7 days, but none of a topic that is subscribed to', async () => {
    await commit('idle', 5)
    await commit('group', 6)
    const alive = member()
    await settle(alive)
    for (let day = 0; day < 8; day++) {
      for (let beat = 0; beat < 2160; beat++) {
        engine.clock.advance('40s')
        await alive.beat()
      }
    }
    await engine.clock.advanceAsync('40s')
    expect(await committed('idle')).toBe(-1)
    expect(await committed('group')).toBe(6)
    const { groups } = await engine.transport.send(listGroups, { statesFilter: [], typesFilter: [] })
    expect(groups.map(({ groupId }) => groupId)).toEqual(['group'])
  })

  it('keeps offsets that were committed again', async () => {
    await commit('idle', 5)
    await engine.clock.advanceAsync('4d')
    await commit('idle', 6)
    await engine.clock.advanceAsync('4d')
    expect(await committed('idle')).toBe(6)
    await engine.clock.advanceAsync('4d')
    expect(await committed('idle')).toBe(-1)
  })
})
