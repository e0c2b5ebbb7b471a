import { KafkaError, type Timer, type TimerKind, TopicNotFoundError, type Transport } from '@kafkado/core'
import { allTopics, backoffOf, presentTopics, type TopicMetadata } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { AssignedPartition, TopicPartition } from '../partition/topic-partition.ts'
import { type MemberIdentity, type Membership, type MembershipListener, noListener, noMember } from './membership.ts'
import type { TopicSubscription } from './topic-subscription.ts'

/**
 * Topics that are named are looked at so often: for new partitions, and for those that are not there. A group's
 * coordinator does it as often.
 */
const namedAgeMs = 10_000
/** A pattern asks for all topics that there are, which is expensive. Kafka: metadata.max.age.ms. */
const patternAgeMs = 5 * 60_000
/** A topic that was just made may not be known everywhere; one that stays unknown so often was deleted. */
const unknownTopicAttempts = 4

interface ManualParts {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: Pick<TopicSubscription<never, never>, 'names' | 'hasPatterns' | 'includes'>
  /** The partitions; undefined for all, those that are added later included. */
  readonly chosen: readonly TopicPartition[] | undefined
}

/** Partitions without a group that shares them: those that were chosen, or all that the topics have. */
export class ManualAssignment implements Membership {
  readonly identity: MemberIdentity = noMember
  readonly lastAnswerMs = undefined
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #subscription: ManualParts['subscription']
  readonly #chosen: readonly TopicPartition[] | undefined
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new AbortController()
  /** How often in a row a topic was not known. */
  readonly #unknown = new Map<string, number>()
  #listener = noListener
  #partitions: readonly AssignedPartition[] = []
  #refreshing: Promise<void> | undefined
  #telling: Promise<void> | undefined
  #failures = 0
  #timer: Timer | undefined

  constructor({ transport, settings, subscription, chosen }: ManualParts) {
    this.#transport = transport
    this.#settings = settings
    this.#subscription = subscription
    this.#chosen = chosen
    this.#backoffMs = backoffOf({}, settings.runtime)
  }

  start(listener: MembershipListener): void {
    this.#listener = listener
    void this.heartbeat()
  }

  acknowledge(): void {
    // Nobody else waits for what was given up.
  }

  /** Looks whether the topics are still those that are read, and have more partitions by now. */
  heartbeat(): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve()
    this.#timer?.cancel()
    this.#refreshing ??= this.#refresh()
    return this.#refreshing
  }

  async idle(): Promise<void> {
    await this.#telling
  }

  leave(): Promise<void> {
    this.#abort.abort(new Error('the consumer stopped'))
    this.#timer?.cancel()
    return Promise.resolve()
  }

  async #refresh(): Promise<void> {
    try {
      await this.#lookAgain()
    } finally {
      // At once after the next one is planned: who asks for one in between would cancel it and begin none.
      this.#refreshing = undefined
    }
  }

  async #lookAgain(): Promise<void> {
    try {
      const partitions = await this.#lookUp()
      const isNoneWanted = this.#chosen?.length === 0 || this.#subscription.hasPatterns
      if (partitions.length === 0 && !isNoneWanted) throw this.#nothingLeft()
      this.#tell(partitions)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (KafkaError.is(error) && error.retriable) this.#plan(this.#backoffMs(++this.#failures, error), 'foreground')
      else this.#listener.onFailure(error)
      return
    }
    this.#failures = 0
    if (this.#isMissingSome()) this.#plan(namedAgeMs, 'background')
    else if (!this.#chosen) this.#plan(this.#subscription.hasPatterns ? patternAgeMs : namedAgeMs, 'background')
  }

  /** Whether something is not there that was asked for by name, as a topic that was deleted and may be made again. */
  #isMissingSome(): boolean {
    if (this.#chosen) return this.#partitions.length < this.#chosen.length
    const found = new Set(this.#partitions.map(({ topic }) => topic))
    return this.#subscription.names.some((name) => !found.has(name))
  }

  /** One assignment after the other; listeners may take their time with each. */
  #tell(partitions: readonly AssignedPartition[]): void {
    if (JSON.stringify(partitions) === JSON.stringify(this.#partitions)) return
    this.#partitions = partitions
    this.#telling ??= this.#untilTold()
  }

  async #untilTold(): Promise<void> {
    try {
      for (let told: unknown; told !== this.#partitions;) {
        told = this.#partitions
        await this.#listener.onAssignment(this.#partitions)
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#listener.onFailure(error)
    } finally {
      // At once after the last look at what there is to tell, so that nothing can come in between.
      this.#telling = undefined
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

  /**
   * What was read of topics that are not known now stays for a while: dropping it would forget where the reading has
   * come to.
   */
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
        : `topic ${names} is not there any more; it was deleted while it was read`,
    )
  }
}
