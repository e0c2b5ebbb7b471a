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
import { claimedTopics, leavingEpoch } from './heartbeat-parts.ts'
import { type MemberIdentity, type Membership, type MembershipListener, noListener } from './membership.ts'
import { PageMember } from './page-member.ts'
import type { TabMember } from './tab-members.ts'

/** A request has at least this long to be answered, however short the session is. */
const shortestAttemptMs = 1000

interface GroupParts {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly group: string
  /** What a member asks to be assigned: topics by name, and all whose names match. */
  readonly subscription: { readonly names: readonly string[]; readonly regex: string | null }
}

/**
 * Membership in a consumer group (KIP-848): heartbeats on a timer of their own, and the assignments that they bring,
 * which are carried out one after the other beside them.
 *
 * Who waits for whom, so that nothing waits in a circle:
 *
 *     heartbeat ──► the answer, at most until the session is over       (never a listener, a loop or a commit)
 *     commit ─────► the commit before it, its answer, a heartbeat
 *     assignment ─► the one before it, onLost, the loop's record in hand (at most rebalanceTimeout), onRevoked,
 *                   a commit, onAssigned
 *     close ──────► handlers, the assignment under way, onRevoked, a commit, the answer to leaving: all of it at most
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
  #listener = noListener
  #epoch: number = memberEpoch.join
  #owned: readonly AssignedPartition[] = []
  #target: readonly AssignedPartition[] | undefined
  /**
   * What is being carried out. From its answer on it is told as owned: the group gives to others what a member does not
   * say it has.
   */
  #taking: readonly AssignedPartition[] = []
  #heartbeatIntervalMs: number
  #timer: Timer | undefined
  /** Ends the membership when no answer has come for a whole session. */
  #sessionTimer: Timer | undefined
  /** Of the request that is under way. */
  #attempt: AbortController | undefined
  #sending: Promise<void> | undefined
  /** Who waits for an answer to a request that is yet to be sent. */
  #waiting: (() => void)[] = []
  /** Whether another request is to follow the one that is under way. */
  #isAskedAgain = false
  #reconciling: Promise<void> | undefined
  #telling: Promise<void> = Promise.resolve()
  #failures = 0
  #mustTellAll = true
  #lastAnswerMs: number | undefined
  /** Whether the group may know this member, also if no answer told so. */
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
      onHide: () => this.#fallSilent('the page goes away'),
      onShow: () => this.#lose(undefined),
    })
  }

  get identity(): MemberIdentity {
    return { memberId: this.#memberId, memberEpoch: this.#epoch }
  }

  get lastAnswerMs(): number | undefined {
    return this.#lastAnswerMs
  }

  start(listener: MembershipListener): void {
    this.#listener = listener
    this.#lastAnswerMs = this.#settings.runtime.clock.monotonic()
    const ready = this.#page.start()
    if (ready) void ready.then(() => this.heartbeat())
    else void this.heartbeat()
  }

  /** What is owned now; the group hears of it at once, as others may wait for what was given up. */
  acknowledge(owned: readonly AssignedPartition[]): void {
    this.#owned = owned
    void this.heartbeat()
  }

  heartbeat(): Promise<void> {
    if (this.#isLeaving) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#send()
    })
  }

  async idle(): Promise<void> {
    await this.#telling
    await this.#reconciling
  }

  /** Tells the group that this member goes, so that the others need not wait for it. */
  async leave(deadline: AbortSignal, patience: AbortSignal): Promise<void> {
    this.#isLeaving = true
    this.#page.end()
    this.#timer?.cancel()
    this.#sessionTimer?.cancel()
    this.#wakeWaiting()
    // A request to join that arrived after the one to leave would leave a member behind which nobody keeps alive.
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

  /** Says nothing more to the group, until the membership begins anew. */
  #fallSilent(why: string): void {
    this.#timer?.cancel()
    this.#sessionTimer?.cancel()
    this.#attempt?.abort(new Error(why))
  }

  /** Sends a heartbeat, after the one that is under way if there is one. */
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
      this.#mustTellAll = false
      this.#lastAnswerMs = runtime.clock.monotonic()
      this.#answered(response, sentMs)
      this.#planNext(this.#heartbeatIntervalMs, 'recurring')
    } catch (error) {
      if (attempt.signal.aborted || this.#isLeaving) return
      this.#failures++
      this.#mustTellAll = true
      // A group that was deleted, or that its coordinator has lost, is made anew by joining.
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
    this.#target = assignment.topicPartitions.flatMap(({ topic, topicId = null, partitions }) =>
      partitions.map((partition) => ({ topic, topicId, partition })),
    )
    this.#reconciling ??= this.#reconcile()
  }

  /** The group counts from when it got the request, so this member counts from when it sent it. */
  #beginSession(sentMs: number): void {
    const { runtime, sessionTimeoutMs } = this.#settings
    this.#sessionTimer?.cancel()
    const leftMs = sentMs + sessionTimeoutMs - runtime.clock.monotonic()
    this.#sessionTimer = runtime.clock.schedule(leftMs, () => this.#lose(undefined), 'background')
  }

  async #reconcile(): Promise<void> {
    try {
      await this.#telling
      for (let target = this.#target; target; target = this.#target) {
        this.#target = undefined
        this.#taking = target
        await this.#listener.onAssignment(target)
        await this.#telling
      }
    } catch (error) {
      if (!this.#isLeaving) this.#listener.onFailure(error)
    } finally {
      this.#taking = []
      // At once after the last look at the target, so that none can come in between.
      this.#reconciling = undefined
    }
  }

  /** Begins anew as a member that owns nothing, without waiting for those who are told of it. */
  #lose(error: unknown): void {
    this.#sessionTimer?.cancel()
    this.#target = undefined
    this.#taking = []
    this.#owned = []
    this.#epoch = memberEpoch.join
    this.#mustTellAll = true
    this.#attempt?.abort(new MemberFencedError(`the membership in group '${this.#group}' is over`))
    this.#wakeWaiting()
    const told = this.#listener.onLost().catch((failure: unknown) => this.#listener.onFailure(failure))
    this.#telling = Promise.all([this.#telling, told]).then(() => undefined)
    // An id that is in use by another member does not become free by asking again at once.
    this.#planNext(this.#failures > 1 ? this.#backoffMs(this.#failures, error) : 0)
  }

  #wakeWaiting(): void {
    this.#isAskedAgain = false
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #planNext(delayMs: number, kind: TimerKind = 'foreground'): void {
    if (this.#isLeaving) return
    this.#timer?.cancel()
    // One that is still under way then, such as one that was just given up, is followed by another.
    this.#timer = this.#settings.runtime.clock.schedule(delayMs, () => void this.heartbeat(), kind)
  }

  #request(epoch: number) {
    const { instanceId, assignor, rebalanceTimeoutMs } = this.#settings
    const tellsAll = this.#mustTellAll || epoch === memberEpoch.join
    return {
      groupId: this.#group,
      memberId: this.#memberId,
      memberEpoch: epoch,
      instanceId,
      rackId: this.#settings.rack,
      rebalanceTimeoutMs: tellsAll ? rebalanceTimeoutMs : -1,
      subscribedTopicNames: tellsAll ? [...this.#subscription.names] : null,
      subscribedTopicRegex: tellsAll ? this.#subscription.regex : null,
      serverAssignor: tellsAll ? assignor : null,
      // What is owned, and what is about to be: for a moment of a topic that was made anew as well as of the former
      // one.
      topicPartitions: claimedTopics([...this.#owned, ...this.#taking, ...(this.#target ?? [])]),
    }
  }
}
