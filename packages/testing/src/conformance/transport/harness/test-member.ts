import { consumerGroupHeartbeat, describeGroups, systemClock } from '@kafkado/core'
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from '@kafkado/core/protocol'
import { type Harness, noError } from './harness.ts'

/** A member that does what a consumer does, one heartbeat at a time. */
export class TestMember {
  readonly memberId: string
  epoch = 0
  owned: NonNullable<ConsumerGroupHeartbeatRequest['topicPartitions']> = []
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

  /** Whether changes may take a while to reach it. */
  get isEventual(): boolean {
    return this.#harness.isEventual
  }

  /** Whether somebody has a partition of each topic that it names: then the group has heard of all of them. */
  hasAllTopicsAmong(members: readonly TestMember[]): boolean {
    return this.#topics.every((name) => members.some(({ owned }) => owned.some(({ topic }) => topic === name)))
  }

  /** Whether its group says that all members have what they are to have. */
  async isGroupStable(): Promise<boolean> {
    const { groups } = await this.#harness.transport.send(describeGroups, { groupIds: [this.#groupId] })
    return groups[0]?.groupState === 'Stable'
  }

  get partitions(): number[] {
    return this.owned.flatMap(({ partitions }) => partitions).sort((left, right) => left - right)
  }
}

/** How long nothing has changed on a cluster when nothing more is on its way. */
const quietMs = 500

/**
 * Heartbeats until nobody's partitions change any more. For topics that are as they were when the members joined: then
 * the group itself says when that is so.
 */
export async function settle(...members: TestMember[]): Promise<void> {
  const isSettled = async (): Promise<boolean> =>
    members.every((member) => member.hasAllTopicsAmong(members)) && ((await members[0]?.isGroupStable()) ?? true)
  await beatUntil((isQuiet) => isQuiet || isSettled(), members)
}

/**
 * Heartbeats until nobody's partitions change any more, and what is asked for holds: also for topics that change
 * meanwhile.
 */
export async function settleUntil(isSo: () => boolean, ...members: TestMember[]): Promise<void> {
  await beatUntil((isQuiet) => isQuiet && isSo(), members)
}

/** @param isOver is asked after a round without a change, on a cluster; and whether that was so for a while */
async function beatUntil(
  isOver: (isQuiet: boolean) => boolean | Promise<boolean>,
  members: readonly TestMember[],
): Promise<void> {
  const isEventual = members.some((member) => member.isEventual)
  const startMs = systemClock.monotonic()
  let changedMs = startMs
  for (let round = 0, before = ''; round < 20 || (isEventual && systemClock.monotonic() - startMs < 25_000); round++) {
    for (const member of members) await member.beat()
    const now = JSON.stringify(members.map(({ owned, epoch }) => [owned, epoch]))
    if (now !== before) changedMs = systemClock.monotonic()
    else if (!isEventual || (await isOver(systemClock.monotonic() - changedMs >= quietMs))) return
    before = now
  }
  throw new Error('the group did not settle: partitions go on moving, or what was waited for did not come')
}

/** The error code with which an attempt was refused; 0 when it was not. */
export const refusal = (attempt: Promise<unknown>): Promise<number | undefined> =>
  attempt.then(
    () => noError,
    (error: { kafkaCode?: number }) => error.kafkaCode,
  )

/** The error code that an attempt was answered or refused with. */
export const answeredCode = (attempt: Promise<{ errorCode: number }>): Promise<number | undefined> =>
  attempt.then(
    ({ errorCode }) => errorCode,
    () => refusal(attempt),
  )

export interface GroupUnderTest {
  readonly topic: string
  readonly groupId: string
  member(options?: Partial<ConsumerGroupHeartbeatRequest>): TestMember
}

/** A topic and a group that nobody else has. */
export async function startGroup(harness: Harness, partitions = 4): Promise<GroupUnderTest> {
  const [topic, groupId] = [await harness.topic(partitions), harness.name('group')]
  return { topic, groupId, member: (options) => new TestMember(harness, groupId, [topic], options) }
}
