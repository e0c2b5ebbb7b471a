import {
  codeOf,
  createTopics,
  describeGroups,
  incrementalAlterConfigs,
  initProducerId,
  listGroups,
  offsetCommit,
} from '@kafkado/core'
import type { ConsumerGroupHeartbeatRequest } from '@kafkado/core/protocol'
import { TestMember } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

const text = (length: number): string => 'x'.repeat(length)

/** What the engine keeps of a request must not be as long as the request may be. */
describe('a text that the engine would keep is bounded', () => {
  let engine: EngineUnderTest
  beforeEach(async () => {
    engine = new EngineUnderTest()
    const topics = [{ topic: 'orders', numPartitions: 1, replicationFactor: 1, configs: [] }]
    await engine.transport.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
  })
  afterEach(() => engine.transport.close())

  const join = (change: Partial<ConsumerGroupHeartbeatRequest>, memberId = 'm'): Promise<unknown> =>
    new TestMember(engine.harness, change.groupId ?? 'g', ['orders'], { memberId, ...change }).beat()
  const groups = async (): Promise<string[]> => {
    const listing = await engine.transport.send(listGroups, { statesFilter: [], typesFilter: [] })
    return listing.groups.map(({ groupId }) => groupId)
  }

  it.each<[string, Partial<ConsumerGroupHeartbeatRequest>, RegExp]>([
    ['a group id', { groupId: text(513) }, /group id is longer than 512 bytes/],
    ['a member id', { memberId: text(513) }, /member id is longer than 512 bytes/],
    ['an instance id', { instanceId: text(513) }, /instance id is longer than 512 bytes/],
    ['an instance id of few but long characters', { instanceId: 'ä'.repeat(257) }, /instance id is longer than 512/],
    ['a rack', { rackId: text(513) }, /rack id is longer than 512 bytes/],
    ['an empty rack', { rackId: '' }, /rack id is empty/],
    ['a topic name', { subscribedTopicNames: [text(250)] }, /at most 249 characters, and 'x+…x+' has 250/],
    [
      'the number of topic names',
      { subscribedTopicNames: Array.from({ length: 10_001 }, (_, index) => `t${index}`) },
      /at most 10000 topics by name, not to 10001/,
    ],
    [
      'an expression',
      { subscribedTopicNames: null, subscribedTopicRegex: `[${text(2000)}]` },
      /at most 2000 characters; '.{1,40}…' has 2002/,
    ],
  ])('%s', async (_, change, message) => {
    await expect(join(change)).rejects.toMatchObject({ message: expect.stringMatching(message), outcome: 'failed' })
    expect(await groups()).toEqual([])
  })

  it('while the longest of each is taken', async () => {
    const longest = { groupId: text(512), instanceId: text(512), rackId: text(512) }
    const subscription = {
      subscribedTopicNames: Array.from({ length: 10_000 }, (_, index) => `${text(240)}${index}`),
      subscribedTopicRegex: `[${text(1998)}]`,
    }
    await join({ ...longest, ...subscription }, text(512))
    expect(await groups()).toEqual([longest.groupId])
  })

  it('a transactional id', async () => {
    const fresh = { transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
    await expect(engine.transport.send(initProducerId, { transactionalId: text(513), ...fresh })).rejects.toThrow(
      /transactional id is longer than 512 bytes/,
    )
    await engine.transport.send(initProducerId, { transactionalId: text(512), ...fresh })
  })

  it('the metadata of a commit, with the error of Kafka', async () => {
    const commit = async (committedMetadata: string): Promise<number | undefined> => {
      const partitions = [{ partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata }]
      const committer = { groupId: 'g', memberId: '', memberEpoch: -1, groupInstanceId: null }
      const request = { ...committer, topics: [{ topic: 'orders', partitions }] }
      return (await engine.transport.send(offsetCommit, request)).topics[0]?.partitions[0]?.errorCode
    }
    expect(await commit(text(4097))).toBe(codeOf('OFFSET_METADATA_TOO_LARGE'))
    expect(await groups()).toEqual([])
    expect(await commit(text(4096))).toBe(0)
  })

  it('a setting of a topic, however valid a long one would be', async () => {
    const value = `${'0'.repeat(250)}1`
    const configs = [{ name: 'retention.ms', configOperation: 'set' as const, value }]
    const resources = [{ resourceType: 'topic' as const, resourceName: 'orders', configs }]
    const altered = await engine.transport.send(incrementalAlterConfigs, { validateOnly: false, resources })
    expect(altered.responses[0]?.errorCode).toBe(codeOf('INVALID_CONFIG'))
  })

  describe('and so are the expressions of a group:', () => {
    const byExpression = (index: number, memberId = `m${index}`, more = {}): Promise<unknown> =>
      join({ subscribedTopicNames: null, subscribedTopicRegex: `orders${index}`, ...more }, memberId)

    it('ten different ones, each by as many members as there are', async () => {
      for (let index = 0; index < 10; index++) await byExpression(index)
      await byExpression(3, 'other')
      await expect(byExpression(10)).rejects.toThrow(
        /group 'g' subscribe by 10 regular expressions; a group has at most 10 different ones/,
      )
      await byExpression(10, 'm', { groupId: 'h' })
      const { groups: described } = await engine.transport.send(describeGroups, { groupIds: ['g'] })
      expect(described[0]?.members).toHaveLength(11)
    })

    it('one that a member gives up makes room for another', async () => {
      const members = Array.from(
        { length: 10 },
        (_, index) => new TestMember(engine.harness, 'g', [], { memberId: `m${index}` }),
      )
      for (const [index, member] of members.entries()) await member.beat({ subscribedTopicRegex: `orders${index}` })
      await members[0]?.beat({ subscribedTopicRegex: 'other' })
      await expect(byExpression(0, 'late')).rejects.toThrow(/at most 10/)
      await members[0]?.beat({ subscribedTopicRegex: 'orders1' })
      await byExpression(0, 'late')
    })

    it('that of an unknown or fenced member is not even looked at', async () => {
      const wrong = { subscribedTopicRegex: '(' }
      await expect(join({ ...wrong, memberEpoch: 1 })).rejects.toThrow(/there is no group 'g'/)
      await byExpression(1)
      await expect(join({ ...wrong, memberEpoch: 1 })).rejects.toThrow(/no member 'm'/)
      await expect(join(wrong)).rejects.toThrow(/not a regular expression/)
    })
  })
})
