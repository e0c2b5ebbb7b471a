import { createPartitions, describeGroups } from '@kafkado/core'
import type { ConsumerGroupHeartbeatRequest } from '@kafkado/core/protocol'
import { describe, expect, it } from 'vitest'
import { errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { refusal, settle, settleUntil, startGroup } from '../harness/test-member.ts'

const start = (get: GetHarness, partitions?: number) => startGroup(get(), partitions)

/** consumerGroupHeartbeat: joining, sharing, giving up, leaving. */
export function heartbeatCases(get: GetHarness): void {
  describe('consumerGroupHeartbeat', () => {
    sharing(get)
    leaving(get)
    assignors(get)
    memberEpochs(get)
    staticMembers(get)
  })
}

/** Partitions move from member to member. */
function sharing(get: GetHarness): void {
  it('gives all partitions to the first member', async () => {
    const first = (await start(get)).member()
    await settle(first)
    expect(first.partitions).toEqual([0, 1, 2, 3])
    expect(first.epoch).toBeGreaterThan(0)
  })

  it('shares them evenly, and no partition has two owners on the way', async () => {
    const group = await start(get)
    const [first, second] = [group.member(), group.member()]
    await settle(first)
    await second.beat()
    expect(second.partitions).toEqual([])
    await settle(first, second)
    expect([...first.partitions, ...second.partitions].sort((left, right) => left - right)).toEqual([0, 1, 2, 3])
    expect(first.partitions).toHaveLength(2)
  })

  it('gives a partition on only after its owner has let go', async () => {
    const group = await start(get, 2)
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
    expect([...kept, ...second.partitions].sort((left, right) => left - right)).toEqual([0, 1])
  })

  it('takes silence about partitions for still having them', async () => {
    const group = await start(get, 2)
    const [first, second] = [group.member(), group.member()]
    await settle(first)
    await second.beat()
    await first.beat({ topicPartitions: null })
    await first.beat({ topicPartitions: null })
    await second.beat()
    expect(second.partitions).toEqual([])
  })
}

/** Members that leave, and members without partitions. */
function leaving(get: GetHarness): void {
  it('gives the partitions of a member that leaves to the others', async () => {
    const group = await start(get)
    const [first, second] = [group.member(), group.member()]
    await settle(first)
    await settle(first, second)
    await first.beat({ memberEpoch: -1, topicPartitions: null })
    await settle(second)
    expect(second.partitions).toEqual([0, 1, 2, 3])
  })

  it('leaves members with nothing when there are more of them than partitions', async () => {
    const group = await start(get, 2)
    const members = [group.member(), group.member(), group.member()]
    for (const member of members) await member.beat()
    await settle(...members)
    expect(members.flatMap(({ partitions }) => partitions).sort((left, right) => left - right)).toEqual([0, 1])
  })

  it('keeps with each member what it had when another one joins', async () => {
    const group = await start(get, 6)
    const [first, second, third] = [group.member(), group.member(), group.member()]
    await settle(first)
    await settle(first, second)
    const before = [first.partitions, second.partitions]
    await settle(first, second, third)
    expect(third.partitions).toHaveLength(2)
    for (const partition of first.partitions) expect(before[0]).toContain(partition)
    for (const partition of second.partitions) expect(before[1]).toContain(partition)
  })
}

/** Assignors, and new partitions. */
function assignors(get: GetHarness): void {
  it('cuts ranges with the range assignor', async () => {
    const group = await start(get, 4)
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
    const group = await start(get, 1)
    const first = group.member()
    await settle(first)
    await get().transport.send(createPartitions, {
      timeoutMs: 30_000,
      validateOnly: false,
      topics: [{ topic: group.topic, count: 3 }],
    })
    await settleUntil(() => first.partitions.length === 3, first)
    expect(first.partitions).toEqual([0, 1, 2])
  })
}

/** The epochs at which a group knows a member. */
function memberEpochs(get: GetHarness): void {
  it('takes a join that is sent twice for one', async () => {
    const group = await start(get)
    const first = group.member()
    await settle(first)
    first.epoch = 0
    first.owned = []
    await first.beat()
    await settle(first)
    const { groups } = await get().transport.send(describeGroups, { groupIds: [group.groupId] })
    expect(groups[0]?.members).toHaveLength(1)
    expect(first.partitions).toEqual([0, 1, 2, 3])
  })

  it('takes the epoch before, from a member that missed the last answer', async () => {
    const group = await start(get)
    const [first, second] = [group.member(), group.member()]
    await settle(first)
    const missed = first.epoch
    await second.beat()
    await settle(first, second)
    if (first.epoch === missed + 1) expect(await refusal(first.beat({ memberEpoch: missed }))).toBe(noError)
  })

  it('refuses the epoch before of a member that owns more than it was given, or another topic, or does not say it', async () => {
    const group = await start(get)
    const [first, second] = [group.member(), group.member()]
    await settle(first)
    const { epoch: missed, owned } = first
    await settle(first, second)
    const gone = second.owned.map((topic) => ({ ...topic, topicId: 'a32ae3f2-2f4e-4ba0-9f4d-3f9a2d9a5b11' }))
    for (const topicPartitions of [owned, second.owned, gone, null]) {
      const late = first.beat({ memberEpoch: missed, topicPartitions })
      expect(await refusal(late)).toBe(errorNumber('FENCED_MEMBER_EPOCH'))
    }
  })

  it('refuses an epoch from further back, although the member owns no more than it was given', async () => {
    const group = await start(get, 6)
    const [first, second, third] = [group.member(), group.member(), group.member()]
    await settle(first)
    const { epoch } = first
    await settle(first, second)
    await settle(first, second, third)
    expect(await refusal(first.beat({ memberEpoch: epoch }))).toBe(errorNumber('FENCED_MEMBER_EPOCH'))
    expect(await refusal(first.beat())).toBe(noError)
  })

  it.each([1, 5])('refuses an epoch that is %d ahead', async (ahead) => {
    const first = (await start(get)).member()
    await settle(first)
    expect(await refusal(first.beat({ memberEpoch: first.epoch + ahead }))).toBe(errorNumber('FENCED_MEMBER_EPOCH'))
  })
}

/** Refusals, and members that come back. */
function staticMembers(get: GetHarness): void {
  it('does not know a member that never joined or has left', async () => {
    const group = await start(get)
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
    expect(await refusal((await start(get)).member().beat(change))).toBe(errorNumber(error))
  })

  it('lets a static member come back to its partitions under another member id', async () => {
    const group = await start(get)
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
    const group = await start(get)
    await settle(group.member({ instanceId: 'one' }))
    expect(await refusal(group.member({ instanceId: 'one' }).beat())).toBe(errorNumber('UNRELEASED_INSTANCE_ID'))
  })
}
