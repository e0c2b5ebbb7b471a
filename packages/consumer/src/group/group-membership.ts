import {
  consumerGroupHeartbeat,
  isKafkaError,
  KafkaError,
  MemberFencedError,
  type SendOptions,
  type Timer,
  type TimerKind,
  type Transport,
} from '@kafkado/core'
import { type ConsumerGroupHeartbeatResponse, memberEpoch } from '@kafkado/core/protocol'
import { backoffOf, orAborted, patienceOfRequests, settledWithin } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { AssignedPartition } from '../partition/topic-partition.ts'
import { AssignmentsInOrder } from './assignments-in-order.ts'
import { claimedTopics, leavingEpoch } from './heartbeat-parts.ts'
import { type MemberIdentity, type Membership, type MembershipListener, noListener } from './membership.ts'
import { PageMember } from './page-member.ts'
import type { TabMember } from './tab-members.ts'

/** The least time for an answer, however short the session is. */
const shortestAttemptMs = 1000

interface GroupParts {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly group: string
  /** The subscription: topics by name, and a pattern for the others. */
  readonly subscription: { readonly names: readonly string[]; readonly regex: string | null }
}

/**
 * Membership in a consumer group (KIP-848). Heartbeats run on their own timer. {@link AssignmentsInOrder} carries out
 * the assignments that they bring, beside them.
 *
 * What waits for what, so that no circle can arise:
 *
 *     heartbeat ──► the answer, at most until the session is over       (never a listener, a loop or a commit)
 *     commit ─────► the commit before it, its answer, a heartbeat
 *     assignment ─► the one before it, onLost, the loop's current record (at most rebalanceTimeout), onRevoked,
 *                   a commit, onAssigned
 *     close ──────► handlers, the running assignment, onRevoked, a commit, the answer to leaving: all of it at most
 *                   closeTimeout
 */
export class GroupMembership implements Membership {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #group: string
  readonly #subscription: GroupParts['subscription']
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #memberId: string
  readonly #page: PageMember
  readonly lookUps = undefined
  problem: unknown
  lastAnswerMs: number | undefined
  #listener = noListener
  #epoch: number = memberEpoch.join
  readonly #assignments = new AssignmentsInOrder()
  #heartbeatIntervalMs: number
  #timer: Timer | undefined
  /** Ends the membership when a whole session passes without an answer. */
  #sessionTimer: Timer | undefined
  /** The running request. */
  #attempt: AbortController | undefined
  #sending: Promise<void> | undefined
  /** Callers who wait for the answer to a request that is not sent yet. */
  #waiting: (() => void)[] = []
  /** Whether another request follows the running one. */
  #isAskedAgain = false
  #failures = 0
  #mustTellAll = true
  /** Whether the group may know this member, even if no answer has confirmed it. */
  #mayBeKnown = false
  #isLeaving = false

  constructor({ transport, settings, group, subscription }: GroupParts) {
    this.#transport = transport
    this.#settings = settings
    this.#group = group
    this.#subscription = subscription
    this.#heartbeatIntervalMs = settings.heartbeatIntervalMs
    this.#backoffMs = backoffOf(patienceOfRequests, settings.runtime)
    this.#memberId = settings.runtime.random.uuid()
    this.#page = new PageMember({
      member: { group, memberId: this.#memberId, instanceId: settings.instanceId },
      settings,
      leave: (member, options) => this.#tellLeaving(member, options),
      onHide: () => this.#hide(),
      onShow: () => this.#lose(undefined),
    })
  }

  get identity(): MemberIdentity {
    return { memberId: this.#memberId, memberEpoch: this.#epoch }
  }

  start(listener: MembershipListener): void {
    this.#listener = listener
    this.#assignments.start(listener)
    this.lastAnswerMs = this.#settings.runtime.clock.monotonic()
    const ready = this.#page.start()
    if (ready) void ready.then(() => this.heartbeat())
    else void this.heartbeat()
  }

  /** Records what is owned now. The group hears of it at once, as others may wait for partitions given up. */
  acknowledge(owned: readonly AssignedPartition[]): void {
    this.#assignments.acknowledge(owned)
    void this.heartbeat()
  }

  heartbeat(): Promise<void> {
    if (this.#isLeaving) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#send()
    })
  }

  idle(): Promise<void> {
    return this.#assignments.idle()
  }

  /** Tells the group that this member leaves, so that the others need not wait for it. */
  async leave(deadline: AbortSignal, patience: AbortSignal): Promise<void> {
    this.#isLeaving = true
    this.#assignments.end()
    this.#page.end()
    this.#timer?.cancel()
    this.#sessionTimer?.cancel()
    this.#wakeWaiting()
    // If a request to join arrived after the request to leave, it would create a member that nobody keeps alive.
    if (this.#sending) await orAborted(this.#sending, patience).catch(() => this.#attempt?.abort(patience.reason))
    if (!this.#mayBeKnown) return
    const { instanceId } = this.#settings
    const leaving = this.#tellLeaving({ memberId: this.#memberId, instanceId }, { signal: deadline })
    await settledWithin(
      deadline,
      leaving.then(() => this.#page.forget()),
    )
    this.#mayBeKnown = false
    this.#epoch = leavingEpoch(instanceId)
  }

  #tellLeaving({ memberId, instanceId }: Omit<TabMember, 'group'>, options: SendOptions): Promise<unknown> {
    const request = { ...this.#request(leavingEpoch(instanceId)), memberId, instanceId, topicPartitions: null }
    return this.#transport.send(consumerGroupHeartbeat, request, options)
  }

  /** The page goes away: sends nothing more to the group until the membership begins again. */
  #hide(): void {
    this.#listener.onPageHide?.()
    this.#timer?.cancel()
    this.#sessionTimer?.cancel()
    this.#attempt?.abort(new Error('the page goes away'))
  }

  /** Sends a heartbeat, after the running one if there is one. */
  #send(): void {
    this.#isAskedAgain = this.#sending !== undefined
    if (this.#isAskedAgain || this.#isLeaving) return
    this.#timer?.cancel()
    const waiting = this.#waiting.splice(0)
    this.#sending = this.#beat().finally(() => {
      this.#sending = undefined
      for (const resolve of waiting) resolve()
      if (this.#isAskedAgain) this.#send()
    })
  }

  async #beat(): Promise<void> {
    const { runtime, sessionTimeoutMs } = this.#settings
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#mayBeKnown = true
    const sentMs = runtime.clock.monotonic()
    const limits = { signal: attempt.signal, timeoutMs: Math.max(sessionTimeoutMs / 3, shortestAttemptMs) }
    try {
      const request = this.#request(this.#epoch)
      const response = await orAborted(this.#transport.send(consumerGroupHeartbeat, request, limits), attempt.signal)
      this.#failures = 0
      this.problem = undefined
      this.#mustTellAll = false
      this.lastAnswerMs = runtime.clock.monotonic()
      this.#answered(response, sentMs)
      this.#planNext(this.#heartbeatIntervalMs, 'recurring')
    } catch (error) {
      if (attempt.signal.aborted || this.#isLeaving) return
      this.#failures++
      this.problem = error
      this.#mustTellAll = true
      // Joining creates the group again if it was deleted or its coordinator has lost it.
      if (MemberFencedError.is(error) || isKafkaError(error, 'GROUP_ID_NOT_FOUND')) this.#lose(error)
      else if (!KafkaError.is(error) || !error.retriable) this.#listener.onFailure(error)
      else this.#planNext(this.#backoffMs(this.#failures, error))
    }
  }

  #answered(response: ConsumerGroupHeartbeatResponse, sentMs: number): void {
    const { memberEpoch: epoch, heartbeatIntervalMs, assignment } = response
    const isNews = epoch !== this.#epoch
    this.#epoch = epoch
    this.#heartbeatIntervalMs = heartbeatIntervalMs
    if (this.#isLeaving) return
    this.#beginSession(sentMs)
    if (!assignment) {
      if (isNews) this.#listener.onEpoch?.()
      return
    }
    this.#assignments.carryOut(
      assignment.topicPartitions.flatMap(({ topic, topicId = null, partitions }) =>
        partitions.map((partition) => ({ topic, topicId, partition })),
      ),
    )
  }

  /** The group measures from the arrival of the request, so this member measures from sending it, which is earlier. */
  #beginSession(sentMs: number): void {
    const { runtime, sessionTimeoutMs } = this.#settings
    this.#sessionTimer?.cancel()
    const leftMs = sentMs + sessionTimeoutMs - runtime.clock.monotonic()
    this.#sessionTimer = runtime.clock.schedule(leftMs, () => this.#lose(undefined), 'background')
  }

  /** Begins again as a member that owns nothing, without waiting for the listeners who hear of it. */
  #lose(error: unknown): void {
    this.#sessionTimer?.cancel()
    this.#epoch = memberEpoch.join
    this.#mustTellAll = true
    this.#attempt?.abort(new MemberFencedError(`the membership in group '${this.#group}' is over`))
    this.#wakeWaiting()
    this.#assignments.lose()
    // An id that another member uses does not become free by an immediate retry.
    this.#planNext(this.#failures > 1 ? this.#backoffMs(this.#failures, error) : 0)
  }

  #wakeWaiting(): void {
    this.#isAskedAgain = false
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #planNext(delayMs: number, kind: TimerKind = 'foreground'): void {
    if (this.#isLeaving) return
    this.#timer?.cancel()
    // If a heartbeat is still running then, such as one just given up, another one follows.
    this.#timer = this.#settings.runtime.clock.schedule(delayMs, () => void this.heartbeat(), kind)
  }

  #request(epoch: number) {
    const { instanceId, assignor, rack: rackId, rebalanceTimeoutMs } = this.#settings
    const tellsAll = this.#mustTellAll || epoch === memberEpoch.join
    return {
      groupId: this.#group,
      memberId: this.#memberId,
      memberEpoch: epoch,
      instanceId,
      rackId,
      rebalanceTimeoutMs: tellsAll ? rebalanceTimeoutMs : -1,
      subscribedTopicNames: tellsAll ? [...this.#subscription.names] : null,
      subscribedTopicRegex: tellsAll ? this.#subscription.regex : null,
      serverAssignor: tellsAll ? assignor : null,
      topicPartitions: claimedTopics(this.#assignments.claimed),
    }
  }
}
