import { deleteGroups, describeGroups, listGroups, offsetCommit, offsetDelete, offsetFetch } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { errorNumber, type Harness, noError } from './harness.ts'
import { refusal, settle, startGroup } from './test-member.ts'

/** Offsets, and the administration of groups. */
export function groupCases(get: () => Harness): void {
  const start = (partitions?: number) => startGroup(get(), partitions)
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
