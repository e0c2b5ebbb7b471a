import {
  codeOf,
  consumerGroupHeartbeat,
  type ConsumerGroupHeartbeatResponse,
  KafkaError,
  memberEpoch,
  MemberFencedError,
  type Timer,
  type Transport,
} from '@kafkado/core'
import { backoffOf } from '@kafkado/core/internal'
import type { ConsumerSettings, TopicPartition } from './consumer-config.ts'
import type { Membership, MembershipEvents } from './membership.ts'
import { byTopic, type MemberIdentity } from './start-position.ts'

/** How long leaving may take: the group notices a member that is gone by itself. */
const leaveTimeoutMs = 5000

/** What a member asks to be assigned: topics by name, and all whose names match. */
interface Subscribed {
  readonly names: readonly string[]
  readonly regex: string | null
}

/**
 * Membership in a consumer group (KIP-848): heartbeats on a timer of their own, which no handler of the user can hold up, and the
 * assignments that they bring, which are carried out one after the other beside them.
 */
export class GroupMembership implements Membership {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #group: string
  readonly #subscription: Subscribed
  readonly #events: MembershipEvents
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new AbortController()
  readonly #memberId: string
  #epoch: number = memberEpoch.join
  #owned: readonly TopicPartition[] = []
  #target: readonly TopicPartition[] | undefined
  #heartbeatIntervalMs: number
  #timer: Timer | undefined
  #sending: Promise<void> | undefined
  #isAgainWanted = false
  #reconciling: Promise<void> | undefined
  /** The listener that is told of a loss. New assignments wait for it; heartbeats do not. */
  #losing: Promise<void> = Promise.resolve()
  #failures = 0
  #mustTellAll = true
  /** Whether the group may know it: also when no answer came, or it was lost by silence. */
  #mayBeKnown = false
  #lastAnswerMs: number

  constructor(
    transport: Transport,
    settings: ConsumerSettings,
    group: string,
    subscription: Subscribed,
    events: MembershipEvents,
  ) {
    this.#transport = transport
    this.#settings = settings
    this.#group = group
    this.#subscription = subscription
    this.#events = events
    this.#heartbeatIntervalMs = settings.heartbeatIntervalMs
    this.#backoffMs = backoffOf({ maxBackoff: 1000 }, settings.runtime)
    this.#memberId = settings.runtime.random.uuid()
    this.#lastAnswerMs = settings.runtime.clock.now()
  }

  get identity(): MemberIdentity {
    return { memberId: this.#memberId, memberEpoch: this.#epoch }
  }

  get lastAnswerMs(): number {
    return this.#lastAnswerMs
  }

  start(): void {
    void this.heartbeat()
  }

  /** What is owned now; the group hears of it at once, as others may wait for what was given up. */
  acknowledge(owned: readonly TopicPartition[]): void {
    this.#owned = owned
    void this.heartbeat()
  }

  /** Sends a heartbeat now. Resolves after one that was begun at this time or later. */
  heartbeat(): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve()
    if (this.#sending) {
      this.#isAgainWanted = true
      return this.#sending.then(() => this.#sending)
    }
    this.#timer?.cancel()
    this.#sending = this.#beat().finally(() => {
      this.#sending = undefined
      if (this.#isAgainWanted) {
        this.#isAgainWanted = false
        void this.heartbeat()
      }
    })
    return this.#sending
  }

  /** Tells the group that this member goes, so that the others need not wait for it. Does not fail. */
  async leave(): Promise<void> {
    this.#timer?.cancel()
    this.#abort.abort(new Error('the consumer left the group'))
    await this.#sending?.catch(() => undefined)
    await this.#reconciling?.catch(() => undefined)
    if (!this.#mayBeKnown) return
    const epoch = this.#settings.instanceId === null ? memberEpoch.leave : memberEpoch.leaveStatic
    const request = { ...this.#request(epoch), topicPartitions: null }
    await this.#transport.send(consumerGroupHeartbeat, request, { timeoutMs: leaveTimeoutMs }).catch(() => undefined)
    this.#epoch = memberEpoch.join
  }

  async #beat(): Promise<void> {
    const { runtime, sessionTimeoutMs } = this.#settings
    this.#mayBeKnown = true
    try {
      const response = await this.#transport.send(consumerGroupHeartbeat, this.#request(this.#epoch), {
        signal: this.#abort.signal,
      })
      this.#failures = 0
      this.#mustTellAll = false
      this.#lastAnswerMs = runtime.clock.now()
      this.#answered(response)
      this.#planNext(this.#heartbeatIntervalMs)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      this.#failures++
      this.#mustTellAll = true
      const isSilent = this.#epoch !== memberEpoch.join && runtime.clock.now() - this.#lastAnswerMs > sessionTimeoutMs
      if (MemberFencedError.is(error) || isUnknownGroup(error) || isSilent) {
        this.#rejoin(error)
        return
      }
      if (!KafkaError.is(error) || !error.retriable) this.#events.onFailure(error)
      else this.#planNext(this.#backoffMs(this.#failures, error))
    }
  }

  #answered({ memberEpoch: epoch, heartbeatIntervalMs, assignment }: ConsumerGroupHeartbeatResponse): void {
    this.#epoch = epoch
    this.#heartbeatIntervalMs = heartbeatIntervalMs
    if (!assignment) return
    this.#target = assignment.topicPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    )
    this.#reconciling ??= this.#reconcile()
  }

  async #reconcile(): Promise<void> {
    try {
      await this.#losing
      for (let target = this.#target; target; target = this.#target) {
        this.#target = undefined
        await this.#events.onAssignment(target)
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#events.onFailure(error)
    } finally {
      // At once after the last look at the target, so that none can come in between.
      this.#reconciling = undefined
    }
  }

  /** Begins anew as a member that owns nothing. */
  #rejoin(error: unknown): void {
    this.#target = undefined
    this.#owned = []
    this.#epoch = memberEpoch.join
    this.#lastAnswerMs = this.#settings.runtime.clock.now()
    this.#losing = this.#events.onLost().catch((failure: unknown) => this.#events.onFailure(failure))
    // An id that is in use by another member does not become free by asking again at once.
    this.#planNext(this.#failures > 1 ? this.#backoffMs(this.#failures, error) : 0)
  }

  #planNext(delayMs: number): void {
    if (this.#abort.signal.aborted) return
    this.#timer = this.#settings.runtime.clock.schedule(delayMs, () => void this.heartbeat())
  }

  #request(epoch: number) {
    const { instanceId, assignor, rebalanceTimeoutMs } = this.#settings
    const tellsAll = this.#mustTellAll || epoch === memberEpoch.join
    const owned = [...byTopic(this.#owned)].map(([topic, own]) => ({
      topic,
      partitions: own.map(({ partition }) => partition),
    }))
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
      topicPartitions: owned,
    }
  }
}

/** The group has been deleted, or its coordinator has lost it: joining makes it anew. */
function isUnknownGroup(error: unknown): boolean {
  return KafkaError.is(error) && error.kafkaCode === codeOf('GROUP_ID_NOT_FOUND')
}
