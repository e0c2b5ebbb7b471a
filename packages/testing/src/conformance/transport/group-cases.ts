import {
  consumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  deleteGroups,
  describeGroups,
  listGroups,
  offsetCommit,
  offsetDelete,
  offsetFetch,
} from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { errorNumber, type Harness, noError } from './harness.ts'

type GetHarness = () => Harness

/** A member that does what a consumer does, one heartbeat at a time. */
class TestMember {
  readonly memberId: string
  epoch = 0
  owned: { topic: string; partitions: number[] }[] = []
  readonly #harness: Harness
  readonly #groupId: string
  readonly #topics: string[]
  readonly #options: Partial<ConsumerGroupHeartbeatRequest>

  constructor(
    harness: Harness,
    groupId: string,
    topics: string[],
    options: Partial<ConsumerGroupHeartbeatRequest> = {},
  ) {
    this.#harness = harness
    this.#groupId = groupId
    this.#topics = topics
    this.#options = options
    this.memberId = options.memberId ?? harness.name('member')
  }

  async beat(change: Partial<ConsumerGroupHeartbeatRequest> = {}): Promise<ConsumerGroupHeartbeatResponse> {
    const request: ConsumerGroupHeartbeatRequest = {
      groupId: this.#groupId,
      memberId: this.memberId,
      memberEpoch: this.epoch,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: this.#topics,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: this.owned,
      ...this.#options,
      ...change,
    }
    const response = await this.#harness.transport.send(consumerGroupHeartbeat, request)
    this.epoch = response.memberEpoch
    if (response.assignment) this.owned = response.assignment.topicPartitions
    return response
  }

  get partitions(): number[] {
    return this.owned.flatMap(({ partitions }) => partitions).sort()
  }
}

/** Heartbeats until nobody's partitions change any more. */
async function settle(...members: TestMember[]): Promise<void> {
  for (let round = 0, before = ''; round < 20; round++) {
    for (const member of members) await member.beat()
    const now = JSON.stringify(members.map(({ owned, epoch }) => [owned, epoch]))
    if (now === before) return
    before = now
  }
  throw new Error('the group did not settle within 20 rounds of heartbeats')
}

const refusal = (attempt: Promise<unknown>): Promise<number | undefined> =>
  attempt.then(
    () => noError,
    (error: { kafkaCode?: number }) => error.kafkaCode,
  )

/** consumerGroupHeartbeat, offsets, and the administration of groups. */
export function groupCases(get: GetHarness): void {
  const start = async (partitions = 4) => {
    const [topic, groupId] = [await get().topic(partitions), get().name('group')]
    return {
      topic,
      groupId,
      member: (options?: Partial<ConsumerGroupHeartbeatRequest>) => new TestMember(get(), groupId, [topic], options),
    }
  }
  const commit = async (
    groupId: string,
    topic: string,
    offset: number,
    member = { memberId: '', memberEpoch: -1 },
    partition = 0,
  ) => {
    const topics = [
      {
        topic,
        partitions: [{ partition, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: 'note' }],
      },
    ]
    const response = await get().transport.send(offsetCommit, { groupId, ...member, groupInstanceId: null, topics })
    return response.topics[0]?.partitions[0]?.errorCode
  }
  const committed = async (groupId: string, topic: string, partition = 0) => {
    const request = {
      groupId,
      memberId: null,
      memberEpoch: -1,
      topics: [{ topic, partitions: [partition] }],
      requireStable: true,
    }
    return (await get().transport.send(offsetFetch, request)).topics[0]?.partitions[0]
  }

  describe('consumerGroupHeartbeat', () => {
    it('gives all partitions to the first member', async () => {
      const first = (await start()).member()
      await settle(first)
      expect(first.partitions).toEqual([0, 1, 2, 3])
      expect(first.epoch).toBeGreaterThan(0)
    })

    it('shares them evenly, and no partition has two owners on the way', async () => {
      const group = await start()
      const [first, second] = [group.member(), group.member()]
      await settle(first)
      await second.beat()
      expect(second.partitions).toEqual([])
      await settle(first, second)
      expect([...first.partitions, ...second.partitions].sort()).toEqual([0, 1, 2, 3])
      expect(first.partitions).toHaveLength(2)
    })

    it('gives a partition on only after its owner has let go', async () => {
      const group = await start(2)
      const [first, second] = [group.member(), group.member()]
      await settle(first)
      await second.beat()
      const response = await first.beat()
      const kept = response.assignment?.topicPartitions.flatMap(({ partitions }) => partitions) ?? []
      expect(kept).toHaveLength(1)
      const still = [{ topic: group.topic, partitions: [0, 1] }]
      await first.beat({ topicPartitions: still })
      await second.beat()
      expect(second.partitions).toEqual([])
      await first.beat({ topicPartitions: [{ topic: group.topic, partitions: kept }] })
      await second.beat()
      expect([...kept, ...second.partitions].sort()).toEqual([0, 1])
    })

    it('takes silence about partitions for still having them', async () => {
      const group = await start(2)
      const [first, second] = [group.member(), group.member()]
      await settle(first)
      await second.beat()
      await first.beat({ topicPartitions: null })
      await first.beat({ topicPartitions: null })
      await second.beat()
      expect(second.partitions).toEqual([])
    })

    it('gives the partitions of a member that leaves to the others', async () => {
      const group = await start()
      const [first, second] = [group.member(), group.member()]
      await settle(first)
      await settle(first, second)
      await first.beat({ memberEpoch: -1, topicPartitions: null })
      await settle(second)
      expect(second.partitions).toEqual([0, 1, 2, 3])
    })

    it('leaves members with nothing when there are more of them than partitions', async () => {
      const group = await start(2)
      const members = [group.member(), group.member(), group.member()]
      for (const member of members) await member.beat()
      await settle(...members)
      expect(members.flatMap(({ partitions }) => partitions).sort()).toEqual([0, 1])
    })

    it('keeps with each member what it had when another one joins', async () => {
      const group = await start(6)
      const [first, second, third] = [group.member(), group.member(), group.member()]
      await settle(first)
      await settle(first, second)
      const before = [first.partitions, second.partitions]
      await settle(first, second, third)
      expect(third.partitions).toHaveLength(2)
      for (const partition of first.partitions) expect(before[0]).toContain(partition)
      for (const partition of second.partitions) expect(before[1]).toContain(partition)
    })

    it('cuts ranges with the range assignor', async () => {
      const group = await start(4)
      const [first, second] = [
        group.member({ serverAssignor: 'range', memberId: get().name('a') }),
        group.member({ serverAssignor: 'range', memberId: get().name('b') }),
      ]
      await first.beat()
      await settle(first, second)
      expect([first.partitions, second.partitions]).toEqual([
        [0, 1],
        [2, 3],
      ])
    })

    it('assigns new partitions of a topic', async () => {
      const group = await start(1)
      const first = group.member()
      await settle(first)
      const { createPartitions } = await import('@kafkado/core')
      await get().transport.send(createPartitions, {
        timeoutMs: 30_000,
        validateOnly: false,
        topics: [{ topic: group.topic, count: 3 }],
      })
      await settle(first)
      expect(first.partitions).toEqual([0, 1, 2])
    })

    it('takes a join that is sent twice for one', async () => {
      const group = await start()
      const first = group.member()
      await first.beat()
      first.epoch = 0
      first.owned = []
      await first.beat()
      await settle(first)
      const { groups } = await get().transport.send(describeGroups, { groupIds: [group.groupId] })
      expect(groups[0]?.members).toHaveLength(1)
      expect(first.partitions).toEqual([0, 1, 2, 3])
    })

    it('takes the epoch before, from a member that missed the last answer', async () => {
      const group = await start()
      const [first, second] = [group.member(), group.member()]
      await settle(first)
      const missed = first.epoch
      await second.beat()
      await settle(first, second)
      if (first.epoch === missed + 1) expect(await refusal(first.beat({ memberEpoch: missed }))).toBe(noError)
    })

    it.each([1, 5])('refuses an epoch that is %d ahead', async (ahead) => {
      const first = (await start()).member()
      await settle(first)
      expect(await refusal(first.beat({ memberEpoch: first.epoch + ahead }))).toBe(errorNumber('FENCED_MEMBER_EPOCH'))
    })

    it('does not know a member that never joined or has left', async () => {
      const group = await start()
      const [first, stranger] = [group.member(), group.member()]
      await settle(first)
      expect(await refusal(stranger.beat({ memberEpoch: 1 }))).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
      const { epoch } = first
      await first.beat({ memberEpoch: -1, topicPartitions: null })
      expect(await refusal(first.beat({ memberEpoch: epoch }))).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
    })

    it.each<[string, Partial<ConsumerGroupHeartbeatRequest>, Parameters<typeof errorNumber>[0]]>([
      ['without a group id', { groupId: '' }, 'INVALID_REQUEST'],
      ['without topics', { subscribedTopicNames: null }, 'INVALID_REQUEST'],
      ['that owns something already', { topicPartitions: [{ topic: 'x', partitions: [0] }] }, 'INVALID_REQUEST'],
      ['with an assignor that does not exist', { serverAssignor: 'sticky' }, 'UNSUPPORTED_ASSIGNOR'],
    ])('refuses a join %s', async (_name, change, error) => {
      expect(await refusal((await start()).member().beat(change))).toBe(errorNumber(error))
    })

    it('lets a static member come back to its partitions under another member id', async () => {
      const group = await start()
      const [first, second] = [group.member({ instanceId: 'one' }), group.member({ instanceId: 'two' })]
      await settle(first)
      await settle(first, second)
      const before = first.partitions
      await first.beat({ memberEpoch: -2, topicPartitions: null })
      const again = group.member({ instanceId: 'one' })
      await settle(again, second)
      expect(again.partitions).toEqual(before)
    })

    it('refuses an instance id that another member holds', async () => {
      const group = await start()
      await settle(group.member({ instanceId: 'one' }))
      expect(await refusal(group.member({ instanceId: 'one' }).beat())).toBe(errorNumber('UNRELEASED_INSTANCE_ID'))
    })
  })

  describe('offsets', () => {
    it('come back as they were committed', async () => {
      const { topic, groupId } = await start()
      expect(await commit(groupId, topic, 42)).toBe(noError)
      expect(await committed(groupId, topic)).toMatchObject({
        errorCode: noError,
        committedOffset: 42,
        metadata: 'note',
      })
    })

    it('are -1 where nothing was committed', async () => {
      const { topic, groupId } = await start()
      expect(await committed(groupId, topic)).toMatchObject({ errorCode: noError, committedOffset: -1 })
    })

    it('may go back', async () => {
      const { topic, groupId } = await start()
      await commit(groupId, topic, 42)
      await commit(groupId, topic, 7)
      expect(await committed(groupId, topic)).toMatchObject({ committedOffset: 7 })
    })

    it('are all given for null', async () => {
      const { topic, groupId } = await start()
      await commit(groupId, topic, 1, undefined, 0)
      await commit(groupId, topic, 2, undefined, 3)
      const response = await get().transport.send(offsetFetch, {
        groupId,
        memberId: null,
        memberEpoch: -1,
        topics: null,
        requireStable: true,
      })
      expect(response.topics).toMatchObject([
        {
          topic,
          partitions: [
            { partition: 0, committedOffset: 1 },
            { partition: 3, committedOffset: 2 },
          ],
        },
      ])
    })

    it('are committed by a member at its epoch, and by nobody else', async () => {
      const group = await start()
      const first = group.member()
      await settle(first)
      const identity = { memberId: first.memberId, memberEpoch: first.epoch }
      expect(await commit(group.groupId, group.topic, 5, identity)).toBe(noError)
      expect(await refusal(commit(group.groupId, group.topic, 6, { ...identity, memberEpoch: first.epoch + 1 }))).toBe(
        errorNumber('STALE_MEMBER_EPOCH'),
      )
      expect(
        await refusal(commit(group.groupId, group.topic, 6, { memberId: 'stranger', memberEpoch: first.epoch })),
      ).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
      expect(await refusal(commit(group.groupId, group.topic, 6))).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
      expect(await committed(group.groupId, group.topic)).toMatchObject({ committedOffset: 5 })
    })

    it('are read by a member only at its epoch', async () => {
      const group = await start()
      const first = group.member()
      await settle(first)
      const request = { groupId: group.groupId, memberId: first.memberId, topics: [], requireStable: true }
      expect(await refusal(get().transport.send(offsetFetch, { ...request, memberEpoch: first.epoch }))).toBe(noError)
      expect(await refusal(get().transport.send(offsetFetch, { ...request, memberEpoch: first.epoch + 1 }))).toBe(
        errorNumber('STALE_MEMBER_EPOCH'),
      )
    })

    it('are deleted for topics that the group is not subscribed to', async () => {
      const group = await start()
      await commit(group.groupId, group.topic, 3)
      const remove = async () => {
        const topics = [{ topic: group.topic, partitions: [0] }]
        return (await get().transport.send(offsetDelete, { groupId: group.groupId, topics })).topics[0]?.partitions[0]
          ?.errorCode
      }
      const first = group.member()
      await settle(first)
      expect(await remove()).toBe(errorNumber('GROUP_SUBSCRIBED_TO_TOPIC'))
      await first.beat({ memberEpoch: -1, topicPartitions: null })
      expect(await remove()).toBe(noError)
      expect(await committed(group.groupId, group.topic)).toMatchObject({ committedOffset: -1 })
    })
  })

  describe('administration', () => {
    const describeGroup = async (groupId: string) =>
      (await get().transport.send(describeGroups, { groupIds: [groupId] })).groups[0]

    it('describes members and what they own', async () => {
      const group = await start(2)
      const first = group.member()
      await settle(first)
      expect(await describeGroup(group.groupId)).toMatchObject({
        errorCode: noError,
        groupState: 'Stable',
        assignorName: 'uniform',
        members: [
          {
            memberId: first.memberId,
            memberEpoch: first.epoch,
            subscribedTopicNames: [group.topic],
            assignment: [{ topic: group.topic, partitions: [0, 1] }],
          },
        ],
      })
    })

    it('calls a group Empty when its last member has left, and does not know one that never was', async () => {
      const group = await start()
      const first = group.member()
      await settle(first)
      await first.beat({ memberEpoch: -1, topicPartitions: null })
      expect(await describeGroup(group.groupId)).toMatchObject({ groupState: 'Empty', members: [] })
      expect(await describeGroup(get().name('group'))).toMatchObject({ errorCode: errorNumber('GROUP_ID_NOT_FOUND') })
    })

    it('lists groups, also by state', async () => {
      const group = await start()
      await settle(group.member())
      const listed = async (statesFilter: string[]) => {
        const { groups } = await get().transport.send(listGroups, { statesFilter, typesFilter: [] })
        return groups.some(({ groupId }) => groupId === group.groupId)
      }
      expect([await listed([]), await listed(['Stable']), await listed(['Empty'])]).toEqual([true, true, false])
    })

    it('deletes a group with its offsets, but not while it has members', async () => {
      const group = await start()
      const first = group.member()
      await settle(first)
      await commit(group.groupId, group.topic, 3, { memberId: first.memberId, memberEpoch: first.epoch })
      const remove = async () =>
        (await get().transport.send(deleteGroups, { groups: [group.groupId] })).results[0]?.errorCode
      expect(await remove()).toBe(errorNumber('NON_EMPTY_GROUP'))
      await first.beat({ memberEpoch: -1, topicPartitions: null })
      expect(await remove()).toBe(noError)
      expect(await remove()).toBe(errorNumber('GROUP_ID_NOT_FOUND'))
      expect(await committed(group.groupId, group.topic)).toMatchObject({ committedOffset: -1 })
    })
  })
}
