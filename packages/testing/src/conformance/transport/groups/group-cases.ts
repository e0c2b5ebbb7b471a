import { deleteGroups, describeGroups, listGroups } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { CommittedOffsets } from '../harness/committed-offsets.ts'
import { errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { settle, startGroup } from '../harness/test-member.ts'

/** The administration of groups. */
export function groupCases(get: GetHarness): void {
  const start = (partitions?: number) => startGroup(get(), partitions)
  const offsets = new CommittedOffsets(get)

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
      await offsets.commit(group.groupId, group.topic, 3, { memberId: first.memberId, memberEpoch: first.epoch })
      const remove = async () =>
        (await get().transport.send(deleteGroups, { groups: [group.groupId] })).results[0]?.errorCode
      expect(await remove()).toBe(errorNumber('NON_EMPTY_GROUP'))
      await first.beat({ memberEpoch: -1, topicPartitions: null })
      expect(await remove()).toBe(noError)
      expect(await remove()).toBe(errorNumber('GROUP_ID_NOT_FOUND'))
      expect(await offsets.committed(group.groupId, group.topic)).toMatchObject({ committedOffset: -1 })
    })
  })
}
