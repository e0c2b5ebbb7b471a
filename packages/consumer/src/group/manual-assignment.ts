import { KafkaError, type Timer, type TimerKind, TopicNotFoundError, type Transport } from '@kafkado/core'
import { allTopics, backoffOf, presentTopics, SingleFlight, type TopicMetadata } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { AssignedPartition, TopicPartition } from '../partition/topic-partition.ts'
import { type MemberIdentity, type Membership, type MembershipListener, noListener, noMember } from './membership.ts'
import type { TopicSubscription } from './topic-subscription.ts'

/**
 * How often to look up named topics, for new partitions and for missing topics. A group's coordinator looks as often.
 */
const namedAgeMs = 10_000
/** How often to list all topics for a pattern, which is expensive. Kafka: metadata.max.age.ms. */
const patternAgeMs = 5 * 60_000
/** A broker may not know a new topic yet. After this many unknown answers in a row, the topic counts as deleted. */
const unknownTopicAttempts = 4

interface ManualParts {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: Pick<TopicSubscription<never, never>, 'names' | 'hasPatterns' | 'includes'>
  /** The partitions; undefined: all, including those that are added later. */
  readonly chosen: readonly TopicPartition[] | undefined
}

/** Partitions without a group that shares them: the chosen ones, or all partitions of the topics. */
export class ManualAssignment implements Membership {
  readonly identity: MemberIdentity = noMember
  readonly lastAnswerMs = undefined
  problem: unknown
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #subscription: ManualParts['subscription']
  readonly #chosen: readonly TopicPartition[] | undefined
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new AbortController()
  /** For each topic, the number of unknown answers in a row. */
  readonly #unknown = new Map<string, number>()
  #listener = noListener
  #partitions: readonly AssignedPartition[] = []
  readonly #refreshing = new SingleFlight()
  readonly #telling = new SingleFlight()
  #failures = 0
  #answers = 0
  #isAsking = false
  #timer: Timer | undefined

  constructor({ transport, settings, subscription, chosen }: ManualParts) {
    this.#transport = transport
    this.#settings = settings
    this.#subscription = subscription
    this.#chosen = chosen
    this.#backoffMs = backoffOf({}, settings.runtime)
  }

  get lookUps(): number | undefined {
    return this.#isAsking && this.#partitions.length === 0 ? this.#answers : undefined
  }

  start(listener: MembershipListener): void {
    this.#listener = listener
    void this.heartbeat()
  }

  acknowledge(): void {
    // Nobody else waits for partitions given up here.
  }

  /** Looks for changed topics and new partitions. */
  heartbeat(): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve()
    return this.#refreshing.join(() => this.#refresh())
  }

  idle(): Promise<void> {
    return this.#telling.idle()
  }

  leave(): Promise<void> {
    this.#abort.abort(new Error('the consumer stopped'))
    this.#timer?.cancel()
    return Promise.resolve()
  }

  async #refresh(): Promise<void> {
    // Not in heartbeat(): a caller that joins a look that has planned the next one would cancel that plan.
    this.#timer?.cancel()
    this.#isAsking = true
    try {
      const partitions = await this.#lookUp()
      this.#answers++
      this.problem = undefined
      const isNoneWanted = this.#chosen?.length === 0 || this.#subscription.hasPatterns
      if (partitions.length === 0 && !isNoneWanted) throw this.#nothingLeft()
      this.#tell(partitions)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      this.problem = error
      this.#isAsking = KafkaError.is(error) && error.retriable
      if (this.#isAsking) this.#plan(this.#backoffMs(++this.#failures, error), 'foreground')
      else this.#listener.onFailure(error)
      return
    }
    this.#isAsking = false
    this.#failures = 0
    if (this.#isMissingSome()) this.#plan(namedAgeMs, 'background')
    else if (!this.#chosen) this.#plan(this.#subscription.hasPatterns ? patternAgeMs : namedAgeMs, 'background')
  }

  /** Whether a named topic is missing, for example one that was deleted and may be made again. */
  #isMissingSome(): boolean {
    if (this.#chosen) return this.#partitions.length < this.#chosen.length
    const found = new Set(this.#partitions.map(({ topic }) => topic))
    return this.#subscription.names.some((name) => !found.has(name))
  }

  /** Reports one assignment after the other, as listeners may take their time; then what changed meanwhile. */
  #tell(partitions: readonly AssignedPartition[]): void {
    if (JSON.stringify(partitions) === JSON.stringify(this.#partitions)) return
    this.#partitions = partitions
    void this.#telling.again(() => this.#announce())
  }

  async #announce(): Promise<void> {
    try {
      await this.#listener.onAssignment(this.#partitions)
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#listener.onFailure(error)
    }
  }

  #plan(delayMs: number, kind: TimerKind): void {
    if (this.#abort.signal.aborted) return
    this.#timer = this.#settings.runtime.clock.schedule(delayMs, () => void this.heartbeat(), kind)
  }

  async #lookUp(): Promise<AssignedPartition[]> {
    const { names, hasPatterns } = this.#subscription
    const chosen = this.#chosen && [...new Set(this.#chosen.map(({ topic }) => topic))]
    const limits = { signal: this.#abort.signal }
    const topics =
      hasPatterns && !chosen
        ? await allTopics(this.#transport, limits)
        : await presentTopics(this.#transport, chosen ?? names, limits)
    const found = topics.filter(
      (answer): answer is TopicMetadata => !('error' in answer) && this.#subscription.includes(answer.topic),
    )
    for (const { topic } of found) this.#unknown.delete(topic)
    const ids = new Map(found.map(({ topic, topicId }) => [topic, topicId]))
    const present = this.#chosen
      ? this.#chosen.filter(({ topic }) => ids.has(topic))
      : found.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => ({ topic, partition })))
    const named = present.map(({ topic, partition }) => ({ topic, topicId: ids.get(topic) ?? null, partition }))
    return [...named, ...this.#stillAssumed(ids)]
  }

  /** Keeps partitions of temporarily unknown topics for a while. Dropping them would lose their positions. */
  #stillAssumed(found: ReadonlyMap<string, unknown>): AssignedPartition[] {
    const missing = new Set(this.#partitions.map(({ topic }) => topic).filter((topic) => !found.has(topic)))
    for (const topic of missing) this.#unknown.set(topic, (this.#unknown.get(topic) ?? 0) + 1)
    return this.#partitions.filter(
      ({ topic }) => missing.has(topic) && (this.#unknown.get(topic) ?? 0) < unknownTopicAttempts,
    )
  }

  #nothingLeft(): KafkaError {
    const names = [...this.#subscription.names].map((name) => `'${name}'`).join(', ')
    return new TopicNotFoundError(
      this.#partitions.length === 0
        ? `topic ${names} does not exist`
        : `topic ${names} no longer exists: it was deleted while it was read`,
    )
  }
}
