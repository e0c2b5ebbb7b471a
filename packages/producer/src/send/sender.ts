import { errorCodeOf, isKafkaError, KafkaError, produce, TimeoutError, type Timer, type Transport } from '@kafkado/core'
import type { ProduceResponse } from '@kafkado/core/protocol'
import {
  LongLivedAbortController,
  backoffOf,
  errorOfAttempts,
  errorOfCode,
  queueMicrotask,
} from '@kafkado/core/internal'
import { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { ProducerSettings } from '../settings/producer-config.ts'
import { isRecordRefusal } from '../record/record-refusal.ts'
import type { IdentitySource } from './identity-source.ts'
import { isOutOfOrder, Numbering } from './numbering.ts'
import { ProducerMeter } from './producer-meter.ts'
import type { SenderEvents } from './sender-events.ts'

const acksNumbers = { all: -1, leader: 1, none: 0 } as const

/** Undefined until it is known; null where the server does not say it. */
type TopicId = string | null | undefined

type PartitionAnswer = ProduceResponse['topics'][number]['partitions'][number]

/** Sends batches, keeps the order of each partition across retries, and settles the waiting callers. */
export class Sender {
  readonly meter: ProducerMeter
  readonly #queues = new Map<number, PartitionQueue>()
  /** Those with batches to send: a topic may have thousands of others, and each answer looks for what can leave. */
  readonly #waiting = new Set<PartitionQueue>()
  readonly #transport: Transport
  readonly #topic: string
  readonly #settings: ProducerSettings
  readonly #events: SenderEvents
  readonly #identities: IdentitySource
  readonly #numbering: Numbering
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new LongLivedAbortController()
  /** The id of the topic that the server is known to have. */
  #topicId: TopicId
  #wakeUp: Timer | undefined
  #isDrainPlanned = false
  /**
   * Keeps requests in the order in which their batches were taken, although one may take longer to encode than another.
   */
  #encoding: Promise<unknown> = Promise.resolve()

  constructor(
    transport: Transport,
    topic: string,
    settings: ProducerSettings,
    identities: IdentitySource,
    events: SenderEvents,
  ) {
    this.#transport = transport
    this.#topic = topic
    this.#settings = settings
    this.#identities = identities
    this.#numbering = new Numbering(identities, this.#abort.signal)
    this.meter = new ProducerMeter(settings.runtime.clock)
    this.#events = events
    this.#backoffMs = backoffOf({ backoff: settings.retryBackoffMs }, settings.runtime)
  }

  /** Aborts when the sender is stopped. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  queue(partition: number): PartitionQueue {
    let queue = this.#queues.get(partition)
    if (!queue) {
      queue = new PartitionQueue(this.#topic, partition, this.#waiting)
      this.#queues.set(partition, queue)
    }
    return queue
  }

  /**
   * Tells which topic has the name. A recreated topic knows no producer, so it accepts any number as the first: each of
   * its partitions gets one batch at a time until it has accepted one.
   */
  topicIs(topicId: TopicId): void {
    if (topicId === this.#topicId) return
    this.#topicId = topicId
    for (const { identity } of this.#queues.values()) if (identity) identity.isProven = false
  }

  /** Gives a batch its time limit. */
  limit(batch: ProducerBatch): void {
    const { runtime, deliveryTimeoutMs } = this.#settings
    const leftMs = batch.origin.createdMs + deliveryTimeoutMs - runtime.clock.monotonic()
    batch.limit(
      runtime.clock.schedule(leftMs, () => {
        const { lastError: cause, isSent } = batch.attempts
        const message =
          `topic '${this.#topic}' partition ${batch.origin.partition}: ${batch.count} records were ` +
          `not acknowledged within ${deliveryTimeoutMs} ms (deliveryTimeout)${cause ? `: ${cause.message}` : ''}`
        this.#fail(batch, new TimeoutError(message, { cause, outcome: isSent ? 'unknown' : 'failed' }))
      }),
    )
  }

  /** Sends due batches at the end of this turn, so that sends of one turn travel together. */
  planDrain(): void {
    if (this.#isDrainPlanned) return
    this.#isDrainPlanned = true
    queueMicrotask(() => {
      this.#isDrainPlanned = false
      this.#drain()
    })
  }

  /** Sends all current batches without further waiting, and resolves when they are settled. */
  async flush(): Promise<void> {
    const batches = [...this.#queues.values()].flatMap((queue) => queue.all())
    for (const batch of batches) batch.hurry()
    this.planDrain()
    await Promise.all(batches.map(({ settled }) => settled))
  }

  /** Fails every unsettled batch. */
  giveUp(reason: KafkaError): void {
    this.#wakeUp?.cancel()
    for (const queue of this.#queues.values()) for (const batch of queue.all()) this.#fail(batch, reason)
  }

  /** Gives up everything, after `close()` has waited. */
  stop(reason: KafkaError): void {
    this.giveUp(reason)
    this.#abort.abort(reason)
  }

  #drain(): void {
    // How many may be in flight depends on it, so it stays when another one becomes known meanwhile.
    const topicId = this.#topicId
    // Read once: a batch whose wait ended between two readings would not be taken, and nothing would wake it either.
    const nowMs = this.#settings.runtime.clock.monotonic()
    // Callers who wait for the batches get the errors.
    for (let taken = this.#take(nowMs); taken.length > 0; taken = this.#take(nowMs)) void this.#send(taken, topicId)
    this.#planWakeUp(nowMs)
  }

  /** Takes one batch of each partition that has one to send, as many as fit into one request. */
  #take(nowMs: number): ProducerBatch[] {
    const { maxRequestBytes, idempotent } = this.#settings
    const taken: ProducerBatch[] = []
    let sizeInBytes = 0
    for (const queue of this.#waiting) {
      if (taken.length > 0 && sizeInBytes >= maxRequestBytes) break
      const batch = queue.take(nowMs, this.#settings)
      if (!queue.isWaiting) this.#waiting.delete(queue)
      if (!batch) continue
      if (idempotent) this.#numbering.number(queue, batch)
      sizeInBytes += batch.sizeInBytes
      taken.push(batch)
      batch.attempts.begin(queue.hasEarlierThan(batch))
      if (batch.attempts.count === 1) this.#events.onSent(batch)
    }
    return taken
  }

  async #send(taken: readonly ProducerBatch[], topicId: TopicId): Promise<void> {
    try {
      const encoding = this.#encoding.then(() => this.#encode(taken))
      this.#encoding = encoding.catch(() => undefined)
      await encoding
      const leaving = taken.filter(({ isSettled }) => !isSettled)
      if (leaving.length > 0) await this.#produce(leaving, topicId)
    } catch (error) {
      for (const batch of taken) this.#retryOrFail(batch, error)
    }
    this.#drain()
  }

  /** Skips batches that were given up meanwhile: their callers were told that they are not written. */
  async #encode(taken: readonly ProducerBatch[]): Promise<void> {
    const { compression, idempotent } = this.#settings
    if (idempotent)
      for (const batch of taken)
        if (!batch.isSettled) await this.#numbering.identify(this.queue(batch.origin.partition), batch)
    const isTransactional = this.#identities.transactionalId !== null
    const waiting = taken.filter(({ isSettled }) => !isSettled)
    await Promise.all(waiting.map((batch) => batch.encode(compression, isTransactional)))
  }

  async #produce(leaving: readonly ProducerBatch[], topicId: TopicId): Promise<void> {
    const { acks, deliveryTimeoutMs, idempotent } = this.#settings
    for (const batch of leaving) batch.attempts.leave()
    const partitions = leaving.map(({ origin, encoded }) => ({ partition: origin.partition, records: encoded }))
    const request = {
      transactionalId: this.#identities.transactionalId,
      acks: acksNumbers[acks],
      timeoutMs: Math.min(deliveryTimeoutMs, 30_000),
      topics: [{ topic: this.#topic, ...(idempotent && topicId ? { topicId } : {}), partitions }],
    }
    const response = await this.#transport.send(produce, request, { signal: this.#abort.signal, keepalive: true })
    const answers = new Map(response.topics[0]?.partitions.map((answer) => [answer.partition, answer]))
    for (const batch of leaving) this.#settle(batch, answers.get(batch.origin.partition), topicId)
  }

  #settle(batch: ProducerBatch, answer: PartitionAnswer | undefined, topicId: TopicId): void {
    const { attempts, origin } = batch
    const { acks } = this.#settings
    attempts.answered()
    const unanswered = acks === 'none' ? 'NONE' : 'UNKNOWN_SERVER_ERROR'
    const name = answer ? errorCodeOf(answer.errorCode).name : unanswered
    if (name === 'NONE' || name === 'DUPLICATE_SEQUENCE_NUMBER') {
      if (topicId === this.#topicId) this.#numbering.proven(batch)
      const queue = this.queue(origin.partition)
      queue.remove(batch)
      queue.holdUntil(0)
      if (batch.isSettled) return
      const baseOffset = acks === 'none' ? -1 : (answer?.baseOffset ?? -1)
      this.meter.delivered(batch, baseOffset)
      batch.succeed(baseOffset, answer?.logAppendTimeMs ?? -1)
      return
    }
    if (isRecordRefusal(name) && batch.count > 1 && !batch.isSettled && !attempts.mayBeAppended) {
      this.#split(batch)
      return
    }
    this.#retryOrFail(
      batch,
      errorOfCode(name, { topic: this.#topic, partition: origin.partition, detail: answer?.errorMessage }),
    )
  }

  /**
   * The server refuses the batch for its size or for one record, but may accept a half of it. The halves take over its
   * sequence numbers and its place.
   */
  #split(batch: ProducerBatch): void {
    const queue = this.queue(batch.origin.partition)
    const halves = batch.split()
    queue.remove(batch)
    this.meter.counts.splits++
    for (const half of halves) {
      this.limit(half)
      queue.retry(half)
    }
  }

  #retryOrFail(batch: ProducerBatch, error: unknown): void {
    const { attempts } = batch
    const queue = this.queue(batch.origin.partition)
    attempts.failed(error)
    if (isKafkaError(error, 'UNKNOWN_TOPIC_ID')) this.#events.onOtherTopic()
    if (batch.isSettled) {
      queue.remove(batch)
      return
    }
    // Requests use several connections, so one may overtake another; and a gap is normal behind a batch that was lost
    // on the way.
    if ((attempts.isBehind && isOutOfOrder(batch, error)) || this.#numbering.startOver(queue, batch, error)) {
      queue.retry(batch)
      return
    }
    const { retries, idempotent, runtime } = this.#settings
    const isRetriable = KafkaError.is(error) && error.retriable && (idempotent || error.outcome === 'failed')
    if (!isRetriable || attempts.count > retries) {
      this.#fail(batch, error)
      return
    }
    this.meter.retried(batch, error)
    queue.retry(batch)
    queue.holdUntil(runtime.clock.monotonic() + this.#backoffMs(attempts.count, error))
    this.#events.onStaleMetadata()
  }

  #fail(batch: ProducerBatch, error: unknown): void {
    if (batch.isSettled) return
    const queue = this.queue(batch.origin.partition)
    queue.remove(batch)
    this.meter.failed(batch, error)
    const told = errorOfAttempts(error, batch.attempts.mayBeAppended)
    batch.fail(told)
    this.#numbering.givenUp(queue, batch, told)
    this.planDrain()
  }

  /** One timer for the next batch that only time held back at that moment. */
  #planWakeUp(nowMs: number): void {
    const { clock } = this.#settings.runtime
    let nextMs = Number.POSITIVE_INFINITY
    for (const queue of this.#waiting) nextMs = Math.min(nextMs, queue.heldUntilMs(nowMs, this.#settings))
    this.#wakeUp?.cancel()
    this.#wakeUp = nextMs === Number.POSITIVE_INFINITY ? undefined : clock.schedule(nextMs - nowMs, () => this.#drain())
  }
}
