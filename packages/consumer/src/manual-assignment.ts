import {
  KafkaError,
  memberEpoch,
  metadata,
  type Timer,
  type TimerKind,
  TopicNotFoundError,
  type Transport,
} from '@kafkado/core'
import { backoffOf } from '@kafkado/core/internal'
import type { ConsumerSettings, TopicPartition } from './consumer-config.ts'
import type { Membership, MembershipEvents } from './membership.ts'
import type { TopicSubscription } from './topic-subscription.ts'

/** Kafka: metadata.max.age.ms. New partitions are found after this time at the latest. */
const maxAgeMs = 5 * 60_000

/** Partitions without a group: those that were chosen, or all that the topics have. */
export class ManualAssignment implements Membership {
  readonly identity = { memberId: '', memberEpoch: memberEpoch.leave }
  readonly lastAnswerMs = undefined
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #subscription: Pick<TopicSubscription<never, never>, 'names' | 'hasPatterns' | 'includes'>
  readonly #events: MembershipEvents
  readonly #abort = new AbortController()
  readonly #chosen: readonly TopicPartition[] | undefined
  readonly #backoffMs: (attempt: number, error: unknown) => number
  #timer: Timer | undefined
  #failures = 0
  #known = ''

  /** @param chosen the partitions; undefined for all, those that are added later included */
  constructor(
    transport: Transport,
    settings: ConsumerSettings,
    subscription: Pick<TopicSubscription<never, never>, 'names' | 'hasPatterns' | 'includes'>,
    chosen: readonly TopicPartition[] | undefined,
    events: MembershipEvents,
  ) {
    this.#transport = transport
    this.#settings = settings
    this.#subscription = subscription
    this.#chosen = chosen
    this.#events = events
    this.#backoffMs = backoffOf({}, settings.runtime)
  }

  start(): void {
    void this.#refresh()
  }

  acknowledge(): void {
    // Nobody else waits for what was given up.
  }

  heartbeat(): Promise<void> {
    return Promise.resolve()
  }

  leave(): Promise<void> {
    this.#abort.abort(new Error('the consumer stopped'))
    this.#timer?.cancel()
    return Promise.resolve()
  }

  async #refresh(): Promise<void> {
    try {
      const partitions = this.#chosen ?? (await this.#allPartitions())
      const known = JSON.stringify(partitions)
      if (known !== this.#known) await this.#events.onAssignment(partitions)
      this.#known = known
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (KafkaError.is(error) && error.retriable) this.#plan(this.#backoffMs(++this.#failures, error), 'foreground')
      else this.#events.onFailure(error)
      return
    }
    this.#failures = 0
    if (!this.#chosen) this.#plan(maxAgeMs, 'background')
  }

  #plan(delayMs: number, kind: TimerKind): void {
    if (this.#abort.signal.aborted) return
    this.#timer = this.#settings.runtime.clock.schedule(delayMs, () => void this.#refresh(), kind)
  }

  async #allPartitions(): Promise<TopicPartition[]> {
    const { names, hasPatterns } = this.#subscription
    const request = { topics: hasPatterns ? null : [...names], allowAutoTopicCreation: !hasPatterns }
    const { topics } = await this.#transport.send(metadata, request, { signal: this.#abort.signal })
    const found = topics.filter(({ topic }) => this.#subscription.includes(topic))
    const missing = names.find((name) => !found.some(({ topic, errorCode }) => topic === name && errorCode === 0))
    if (missing !== undefined) throw new TopicNotFoundError(`topic '${missing}' does not exist`)
    return found.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => ({ topic, partition })))
  }
}
