import { type ConsumerGroupHeartbeatRequest, memberEpoch } from '@kafkado/core/protocol'
import { expect, it } from 'vitest'
import type { GetHarness, Harness } from '../harness/harness.ts'
import { RecreatedTopic } from './recreated-topic.ts'
import { settleUntil, TestMember } from '../harness/test-member.ts'

type Owned = NonNullable<ConsumerGroupHeartbeatRequest['topicPartitions']>

const make = (get: GetHarness, partitions?: number) => RecreatedTopic.make(get(), partitions)

const ids = ({ owned }: TestMember) => owned.map(({ topicId }) => topicId)

/** The members of a group when a topic is deleted and recreated under the same name. */
export function recreatedTopicMembers(get: GetHarness): void {
  membersOfTopics(get)
  membersOfNewTopics(get)
}

/** What members are told. */
function membersOfTopics(get: GetHarness): void {
  it('is told the ids of its topics', async () => {
    const topic = await make(get, 2)
    const member = new TestMember(get(), get().name('group'), [topic.topic])
    await settleUntil(() => member.owned.length === 1, member)
    expect(member.owned).toEqual([{ topic: topic.topic, topicId: topic.topicId, partitions: [0, 1] }])
  })

  it.each(['by name', 'by a regular expression'])(
    'stays when its topic is deleted, keeps the others, and gets the one made again: %s',
    async (how) => {
      const [topic, other, groupId] = [await make(get, 2), await make(get), get().name('group')]
      const names = [topic.topic, other.topic]
      const isByName = how === 'by name'
      const member = new TestMember(get(), groupId, isByName ? names : [], {
        subscribedTopicRegex: isByName ? null : names.join('|'),
      })
      await settleUntil(() => member.owned.length === 2, member)
      await topic.delete()
      await settleUntil(() => member.owned.length === 1, member)
      expect(member.owned).toEqual([{ topic: other.topic, topicId: other.topicId, partitions: [0] }])
      await topic.create(3)
      await settleUntil(() => member.owned.length === 2, member)
      expect(member.owned).toContainEqual({ topic: topic.topic, topicId: topic.topicId, partitions: [0, 1, 2] })
    },
  )
}

/** The old topic after the new one exists. */
function membersOfNewTopics(get: GetHarness): void {
  it('gives up the partitions of the old topic before it gets those of the new one', async () => {
    const [topic, groupId] = [await make(get), get().name('group')]
    const member = new TestMember(get(), groupId, [topic.topic])
    await settleUntil(() => member.owned.length === 1, member)
    const old: Owned = member.owned
    await topic.recreate()
    await settleUntilGone(get(), member, old)
    for (let count = 0; count < 5; count++) {
      const { assignment } = await member.beat({ topicPartitions: old })
      expect((assignment?.topicPartitions ?? []).map(({ topicId }) => topicId)).toEqual([])
    }
    member.owned = []
    await settleUntil(() => ids(member).includes(topic.topicId), member)
    expect(ids(member)).toEqual([topic.topicId])
  })

  it('that was away for as long as that, and is static, gets the new one', async () => {
    const [topic, groupId] = [await make(get, 2), get().name('group')]
    const options = { instanceId: get().name('instance') }
    const before = new TestMember(get(), groupId, [topic.topic], options)
    await settleUntil(() => before.owned.length === 1, before)
    await before.beat({ memberEpoch: memberEpoch.leaveStatic, topicPartitions: null })
    await topic.recreate(2)
    const after = new TestMember(get(), groupId, [topic.topic], options)
    await settleUntil(() => ids(after).includes(topic.topicId), after)
    expect(after.owned).toEqual([{ topic: topic.topic, topicId: topic.topicId, partitions: [0, 1] }])
  })

  it('shares the new topic with those who had no part of the old one', async () => {
    const [topic, groupId] = [await make(get, 1), get().name('group')]
    const members = [1, 2].map(() => new TestMember(get(), groupId, [topic.topic]))
    await settleUntil(() => members.some(({ owned }) => owned.length === 1), ...members)
    await topic.recreate(2)
    await settleUntil(() => members.every((member) => ids(member).includes(topic.topicId)), ...members)
    expect(members.map((member) => ids(member))).toEqual([[topic.topicId], [topic.topicId]])
    expect(new Set(members.flatMap(({ partitions }) => partitions))).toEqual(new Set([0, 1]))
  })
}

/** Heartbeats of a member that still has its old partitions, until it is told to give them up. */
async function settleUntilGone(harness: Harness, member: TestMember, old: Owned): Promise<void> {
  await harness.until(
    () => member.beat({ topicPartitions: old }),
    ({ assignment }) => assignment?.topicPartitions.length === 0,
  )
}
