import { createTopics, deleteTopics, describeGroups } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { errorNumber, type GetHarness } from '../harness/harness.ts'
import { refusal, settle, settleUntil, TestMember } from '../harness/test-member.ts'

const memberOf = (get: GetHarness, groupId: string, topics: string[], subscribedTopicRegex: string | null = null) =>
  new TestMember(get(), groupId, topics, { subscribedTopicRegex })

const joining = async (get: GetHarness) => new TestMember(get(), get().name('group'), [await get().topic()])

/**
 * What members may state about their subscription and themselves. Facts from KIP-848, KIP-1082 and
 * GroupMetadataManagerTest.
 */
export function subscriptionCases(get: GetHarness): void {
  describe('subscriptions', () => {
    expressions(get)
    names(get)
  })
  describe('a heartbeat that does not make sense is refused', () => senselessHeartbeats(get))
}

/** Subscriptions by an expression. */
function expressions(get: GetHarness): void {
  it('by a regular expression get every topic whose whole name matches', async () => {
    const [first, second] = [await get().topic(2), await get().topic(3)]
    const member = memberOf(get, get().name('group'), [], `${first}|${second}`)
    await settleUntil(() => member.owned.length === 2, member)
    expect(member.owned.map(({ topic }) => topic).sort()).toEqual([first, second].sort())
    const part = memberOf(get, get().name('group'), [], first.slice(1))
    await part.beat()
    expect(part.owned).toEqual([])
  })

  it('by a regular expression get topics that are made later, and lose those deleted', async () => {
    const prefix = get().name('later')
    const member = memberOf(get, get().name('group'), [], `${prefix}.*`)
    await member.beat()
    expect(member.owned).toEqual([])
    const topics = [{ topic: `${prefix}-x`, numPartitions: 2, replicationFactor: -1, configs: [] }]
    await get().transport.send(createTopics, { timeoutMs: 30_000, validateOnly: false, topics })
    await settleUntil(() => member.owned.length === 1, member)
    expect(member.owned).toMatchObject([{ topic: `${prefix}-x`, partitions: [0, 1] }])
    await get().transport.send(deleteTopics, { timeoutMs: 30_000, topics: [`${prefix}-x`] })
    await settleUntil(() => member.owned.length === 0, member)
    expect(member.owned).toEqual([])
  })

  it('add names and expression together', async () => {
    const [named, matched] = [await get().topic(1), await get().topic(1)]
    const member = memberOf(get, get().name('group'), [named], matched)
    await settleUntil(() => member.owned.length === 2, member)
    expect(member.owned.map(({ topic }) => topic).sort()).toEqual([named, matched].sort())
  })

  it('by a regular expression share partitions with those by name', async () => {
    const [topic, groupId] = [await get().topic(4), get().name('group')]
    const [first, second] = [memberOf(get, groupId, [], topic), memberOf(get, groupId, [topic])]
    await settleUntil(() => first.partitions.length === 2, first, second)
    expect(new Set([...first.partitions, ...second.partitions])).toEqual(new Set([0, 1, 2, 3]))
    expect(first.partitions).toHaveLength(2)
  })

  it.each(['(', '[z-a]', '(?=x)', '\\1'])('refuse the expression %j, which RE2 does not have', async (expression) => {
    const attempt = memberOf(get, get().name('group'), [], expression).beat()
    expect(await refusal(attempt)).toBe(errorNumber('INVALID_REGULAR_EXPRESSION'))
  })

  it('are not held up by an expression that others take for ever on', async () => {
    const topic = await get().topic()
    const member = memberOf(get, get().name('group'), [topic], `(a|aa)+$|(${'.*'.repeat(8)})*x`)
    await settle(member)
    expect(member.owned.map((one) => one.topic)).toContain(topic)
  })

  it('show their expression to administrators', async () => {
    const [topic, groupId] = [await get().topic(), get().name('group')]
    await memberOf(get, groupId, [], topic).beat()
    const response = await get().transport.send(describeGroups, { groupIds: [groupId] })
    expect(response.groups[0]?.members[0]).toMatchObject({ subscribedTopicRegex: topic, subscribedTopicNames: [] })
  })
}

/** Subscriptions that change, and subscriptions to missing topics. */
function names(get: GetHarness): void {
  it('can change while the member stays', async () => {
    const [first, second] = [await get().topic(1), await get().topic(1)]
    const member = memberOf(get, get().name('group'), [first])
    await settle(member)
    expect(member.owned).toMatchObject([{ topic: first, partitions: [0] }])
    await member.beat({ subscribedTopicNames: [second] })
    const given = await member.beat({ subscribedTopicNames: [second] })
    expect(given.assignment?.topicPartitions ?? member.owned).toMatchObject([{ topic: second, partitions: [0] }])
  })

  it('to a topic that does not exist wait for it', async () => {
    const [topic, groupId] = [get().name(), get().name('group')]
    const member = memberOf(get, groupId, [topic])
    expect((await member.beat()).memberEpoch).toBeGreaterThan(0)
    expect(member.owned).toEqual([])
    const topics = [{ topic, numPartitions: 1, replicationFactor: -1, configs: [] }]
    await get().transport.send(createTopics, { timeoutMs: 30_000, validateOnly: false, topics })
    await settleUntil(() => member.owned.length === 1, member)
    expect(member.owned).toMatchObject([{ topic, partitions: [0] }])
  })

  it('give each member only topics it subscribes to', async () => {
    const [first, second, groupId] = [await get().topic(2), await get().topic(2), get().name('group')]
    const [one, other] = [memberOf(get, groupId, [first]), memberOf(get, groupId, [second])]
    await settle(one, other)
    expect(one.owned.map(({ topic }) => topic)).toEqual([first])
    expect(other.owned.map(({ topic }) => topic)).toEqual([second])
  })
}

function senselessHeartbeats(get: GetHarness): void {
  it.each([
    ['an empty group id', { groupId: '' }],
    ['an empty member id', { memberId: '' }],
    ['an empty instance id', { instanceId: '' }],
    ['an epoch that there is not', { memberEpoch: -3 }],
    ['a static leave without an instance id', { memberEpoch: -2 }],
    ['a join without a rebalance timeout', { rebalanceTimeoutMs: -1 }],
    ['a join without topics', { subscribedTopicNames: null }],
    ['a join that owns partitions', { topicPartitions: [{ topic: 'any', partitions: [0] }] }],
    ['a join that does not say what it owns', { topicPartitions: null }],
  ])('%s', async (_what, change) => {
    const member = await joining(get)
    expect(await refusal(member.beat(change))).toBe(errorNumber('INVALID_REQUEST'))
  })

  it('an assignor that there is not', async () => {
    const member = await joining(get)
    expect(await refusal(member.beat({ serverAssignor: 'sticky' }))).toBe(errorNumber('UNSUPPORTED_ASSIGNOR'))
  })

  it.each([1, 7, -1])('epoch %d from a member that the group does not have', async (memberEpoch) => {
    const [topic, groupId] = [await get().topic(), get().name('group')]
    await memberOf(get, groupId, [topic]).beat()
    expect(await refusal(memberOf(get, groupId, [topic]).beat({ memberEpoch }))).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
  })

  it.each([1, 7, -1])('epoch %d for a group that there is not', async (memberEpoch) => {
    const member = await joining(get)
    expect(await refusal(member.beat({ memberEpoch }))).toBe(errorNumber('GROUP_ID_NOT_FOUND'))
  })

  it('an epoch beyond that of the member', async () => {
    const member = await joining(get)
    await member.beat()
    const attempt = member.beat({ memberEpoch: member.epoch + 5 })
    expect(await refusal(attempt)).toBe(errorNumber('FENCED_MEMBER_EPOCH'))
  })
}
