import { offsetDelete, offsetFetch } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { CommittedOffsets } from '../harness/committed-offsets.ts'
import { errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { refusal, settle, startGroup } from '../harness/test-member.ts'

const start = (get: GetHarness, partitions?: number) => startGroup(get(), partitions)

/** The offsets of groups, and the right to commit and read them. */
export function offsetCases(get: GetHarness): void {
  describe('offsets', () => {
    offsetContent(get)
    commitsOfMembers(get)
    commitsWithoutMembers(get)
    commitsOfOthers(get)
    readersOfOffsets(get)
  })
}

/** What the group stores. */
function offsetContent(get: GetHarness): void {
  const offsets = new CommittedOffsets(get)
  it('come back as they were committed', async () => {
    const { topic, groupId } = await start(get)
    expect(await offsets.commit(groupId, topic, 42)).toBe(noError)
    expect(await offsets.committed(groupId, topic)).toMatchObject({
      errorCode: noError,
      committedOffset: 42,
      metadata: 'note',
    })
  })

  it('are -1 where nothing was committed', async () => {
    const { topic, groupId } = await start(get)
    expect(await offsets.committed(groupId, topic)).toMatchObject({ errorCode: noError, committedOffset: -1 })
  })

  it('may go back', async () => {
    const { topic, groupId } = await start(get)
    await offsets.commit(groupId, topic, 42)
    await offsets.commit(groupId, topic, 7)
    expect(await offsets.committed(groupId, topic)).toMatchObject({ committedOffset: 7 })
  })

  it('are all given for null', async () => {
    const { topic, groupId } = await start(get)
    await offsets.commit(groupId, topic, 1, undefined, 0)
    await offsets.commit(groupId, topic, 2, undefined, 3)
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
}

/** Commits of members. */
function commitsOfMembers(get: GetHarness): void {
  const offsets = new CommittedOffsets(get)
  it('are committed by a member at its epoch, and by nobody else', async () => {
    const group = await start(get)
    const first = group.member()
    await settle(first)
    const identity = { memberId: first.memberId, memberEpoch: first.epoch }
    expect(await offsets.commit(group.groupId, group.topic, 5, identity)).toBe(noError)
    expect(
      await refusal(offsets.commit(group.groupId, group.topic, 6, { ...identity, memberEpoch: first.epoch + 1 })),
    ).toBe(errorNumber('STALE_MEMBER_EPOCH'))
    expect(
      await refusal(offsets.commit(group.groupId, group.topic, 6, { memberId: 'stranger', memberEpoch: first.epoch })),
    ).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
    expect(await refusal(offsets.commit(group.groupId, group.topic, 6))).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
    expect(await offsets.committed(group.groupId, group.topic)).toMatchObject({ committedOffset: 5 })
  })

  it('are committed by a member for what it does not own, too: that is its own duty', async () => {
    const group = await start(get, 2)
    const [first, second] = [group.member(), group.member()]
    await settle(first, second)
    const foreign = second.partitions[0] as number
    const identity = { memberId: first.memberId, memberEpoch: first.epoch }
    expect(await offsets.commit(group.groupId, group.topic, 9, identity, foreign)).toBe(noError)
    expect(await offsets.committed(group.groupId, group.topic, foreign)).toMatchObject({ committedOffset: 9 })
  })

  it('are refused of a member at the epoch before, even of what it has had all the time', async () => {
    const group = await start(get)
    const first = group.member()
    await settle(first)
    const before = { memberId: first.memberId, memberEpoch: first.epoch }
    await settle(first, group.member())
    expect(first.epoch).toBeGreaterThan(before.memberEpoch)
    const own = first.partitions[0]
    expect(await refusal(offsets.commit(group.groupId, group.topic, 6, before, own))).toBe(
      errorNumber('STALE_MEMBER_EPOCH'),
    )
    expect(await offsets.committed(group.groupId, group.topic, own)).toMatchObject({ committedOffset: -1 })
  })
}

/** Commits in a group without members. */
function commitsWithoutMembers(get: GetHarness): void {
  const offsets = new CommittedOffsets(get)
  it.each([
    ['nobody named', { memberId: '', memberEpoch: -1 }, noError],
    ['a member named without an epoch', { memberId: 'somebody', memberEpoch: -1 }, noError],
    ['a member at an epoch', { memberId: 'somebody', memberEpoch: 3 }, errorNumber('GROUP_ID_NOT_FOUND')],
    ['an epoch and no member', { memberId: '', memberEpoch: 0 }, errorNumber('GROUP_ID_NOT_FOUND')],
  ])('are committed for a group that there is not: %s', async (_, identity, expected) => {
    const { topic, groupId } = await start(get)
    expect(await refusal(offsets.commit(groupId, topic, 1, identity))).toBe(expected)
    expect(await offsets.committed(groupId, topic)).toMatchObject({ committedOffset: expected === noError ? 1 : -1 })
  })

  it.each([
    ['a group that has nothing but offsets', false],
    ['a group whose last member has left', true],
  ])('are committed for %s, by nobody or without an epoch, and by no member', async (_, hadMembers) => {
    const group = await start(get)
    if (hadMembers) {
      const first = group.member()
      await settle(first)
      await first.beat({ memberEpoch: -1, topicPartitions: null })
    }
    const { topic, groupId } = group
    expect(await offsets.commit(groupId, topic, 1)).toBe(noError)
    expect(await offsets.commit(groupId, topic, 2, { memberId: 'somebody', memberEpoch: -1 })).toBe(noError)
    expect(await refusal(offsets.commit(groupId, topic, 3, { memberId: 'somebody', memberEpoch: 3 }))).toBe(
      errorNumber('UNKNOWN_MEMBER_ID'),
    )
    expect(await offsets.committed(groupId, topic)).toMatchObject({ committedOffset: 2 })
  })
}

/** Commits from outside a group with members. */
function commitsOfOthers(get: GetHarness): void {
  const offsets = new CommittedOffsets(get)
  it('are committed by a member alone while there is one, whatever epoch others say', async () => {
    const group = await start(get)
    await settle(group.member())
    for (const identity of [
      { memberId: '', memberEpoch: -1 },
      { memberId: 'somebody', memberEpoch: -1 },
      { memberId: '', memberEpoch: 1 },
    ])
      expect(await refusal(offsets.commit(group.groupId, group.topic, 3, identity))).toBe(
        errorNumber('UNKNOWN_MEMBER_ID'),
      )
  })

  it('are committed by a static member under the id that it has now, and not under the one before', async () => {
    const group = await start(get)
    const first = group.member({ instanceId: 'one' })
    await settle(first)
    const before = { memberId: first.memberId, memberEpoch: first.epoch }
    await first.beat({ memberEpoch: -2 })
    expect(await refusal(offsets.commit(group.groupId, group.topic, 3, before))).toBe(errorNumber('STALE_MEMBER_EPOCH'))
    const back = group.member({ instanceId: 'one' })
    await settle(back)
    expect(await refusal(offsets.commit(group.groupId, group.topic, 3, before))).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
    expect(
      await offsets.commit(group.groupId, group.topic, 4, { memberId: back.memberId, memberEpoch: back.epoch }),
    ).toBe(noError)
  })

  it('are refused with metadata of more than 4096 characters, and kept with so many', async () => {
    const { topic, groupId } = await start(get)
    const keep = (metadata: string) => offsets.commit(groupId, topic, 1, undefined, 0, metadata)
    expect(await keep('x'.repeat(4097))).toBe(errorNumber('OFFSET_METADATA_TOO_LARGE'))
    expect(await keep('x'.repeat(4096))).toBe(noError)
  })
}

/** The right to read and delete offsets. */
function readersOfOffsets(get: GetHarness): void {
  const offsets = new CommittedOffsets(get)
  it('are read by whoever names no member, and by any member where there never was one', async () => {
    const { topic, groupId } = await start(get)
    const read = () => offsets.committed(groupId, topic, 0, { memberId: 'somebody', memberEpoch: 3 })
    expect(await read()).toMatchObject({ errorCode: noError, committedOffset: -1 })
    await offsets.commit(groupId, topic, 4)
    expect(await read()).toMatchObject({ errorCode: noError, committedOffset: 4 })
  })

  it('are not read by a stranger where there are members, or were', async () => {
    const group = await start(get)
    const first = group.member()
    await settle(first)
    const reading = { groupId: group.groupId, topics: [], requireStable: true }
    // From outside the group, commits use '' and −1. In this query '' is an unknown member, and null means nobody.
    const strangers = [
      { ...reading, memberId: 'stranger', memberEpoch: 1 },
      { ...reading, memberId: '', memberEpoch: -1 },
    ]
    const read = async (): Promise<void> => {
      for (const stranger of strangers)
        expect(await refusal(get().transport.send(offsetFetch, stranger))).toBe(errorNumber('UNKNOWN_MEMBER_ID'))
      const nobody = { ...reading, memberId: null, memberEpoch: -1 }
      expect(await refusal(get().transport.send(offsetFetch, nobody))).toBe(noError)
    }
    await read()
    await first.beat({ memberEpoch: -1, topicPartitions: null })
    await read()
  })

  it('are read by a member only at its epoch', async () => {
    const group = await start(get)
    const first = group.member()
    await settle(first)
    const request = { groupId: group.groupId, memberId: first.memberId, topics: [], requireStable: true }
    expect(await refusal(get().transport.send(offsetFetch, { ...request, memberEpoch: first.epoch }))).toBe(noError)
    expect(await refusal(get().transport.send(offsetFetch, { ...request, memberEpoch: first.epoch + 1 }))).toBe(
      errorNumber('STALE_MEMBER_EPOCH'),
    )
  })

  it('are deleted for topics that the group is not subscribed to', async () => {
    const group = await start(get)
    await offsets.commit(group.groupId, group.topic, 3)
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
    expect(await offsets.committed(group.groupId, group.topic)).toMatchObject({ committedOffset: -1 })
  })
}
