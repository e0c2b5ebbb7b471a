import {
  errorCodeOf,
  KafkaError,
  produce,
  type ProduceResponse,
  TimeoutError,
  type Timer,
  type Transport,
} from '@kafkado/core'
import { backoffOf, errorOfAttempts, errorOfCode } from '@kafkado/core/internal'
import { Numbering } from './numbering.ts'
import { PartitionQueue } from './partition-queue.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerSettings } from './producer-config.ts'
import type { IdentitySource } from './producer-identity.ts'
import { ProducerMeter } from './producer-meter.ts'
import { isRecordRefusal, isRefused } from './record-refusal.ts'
import { splitBatch } from './split-batch.ts'

const acksNumbers = { all: -1, leader: 1, none: 0 } as const

type PartitionAnswer = ProduceResponse['topics'][number]['partitions'][number]

interface Sending {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
}

interface Encoded {
  readonly sending: Sending
  readonly records: Uint8Array
}

/** Sends batches, keeps the order of each partition over retries, and settles those who wait. */
export class Sender {
  readonly queues = new Map<number, PartitionQueue>()
  readonly meter: ProducerMeter
  readonly #transport: Transport
  readonly #topic: string
  readonly #settings: ProducerSettings
  readonly #onSent: (batch: ProducerBatch) => void
  readonly #onStaleMetadata: () => void
  readonly #identities: IdentitySource
  readonly #numbering: Numbering
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new AbortController()
  #wakeUp: Timer | undefined
  #isDrainPlanned = false
  /** Requests leave in the order in which their batches were taken, although making one may take longer than another. */
  #encoding: Promise<unknown> = Promise.resolve()

  constructor(
    transport: Transport,
    topic: string,
    settings: ProducerSettings,
    identities: IdentitySource,
    events: { onSent: (batch: ProducerBatch) => void; onStaleMetadata: () => void },
  ) {
    this.#transport = transport
    this.#topic = topic
    this.#settings = settings
    this.#identities = identities
    this.#numbering = new Numbering(identities, this.#abort.signal)
    this.meter = new ProducerMeter(() => settings.runtime.clock.monotonic())
    this.#onSent = events.onSent
    this.#onStaleMetadata = events.onStaleMetadata
    this.#backoffMs = backoffOf({ backoff: settings.retryBackoffMs }, settings.runtime)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  queue(partition: number): PartitionQueue {
    let queue = this.queues.get(partition)
    if (!queue) {
      queue = new PartitionQueue(partition)
      this.queues.set(partition, queue)
    }
    return queue
  }

  /** Gives the batch its time limit. */
  adopt(queue: PartitionQueue, batch: ProducerBatch): void {
    const { runtime, deliveryTimeoutMs } = this.#settings
    const leftMs = batch.createdMs + deliveryTimeoutMs - runtime.clock.monotonic()
    batch.expiry = runtime.clock.schedule(leftMs, () => {
      const { lastError: cause, isSent } = batch
      const message = `topic '${this.#topic}' partition ${batch.partition}: ${batch.count} records were not acknowledged within ${deliveryTimeoutMs} ms (deliveryTimeout)${cause ? `: ${cause.message}` : ''}`
      this.#fail(queue, batch, new TimeoutError(message, { cause, outcome: isSent ? 'unknown' : 'failed' }))
    })
  }

  /** Sends what is due once the present turn is over, so that sends made in one turn go together. */
  planDrain(): void {
    if (this.#isDrainPlanned) return
    this.#isDrainPlanned = true
    queueMicrotask(() => {
      this.#isDrainPlanned = false
      this.#drain()
    })
  }

  /** Every batch that is not settled. */
  unsettled(): ProducerBatch[] {
    return [...this.queues.values()].flatMap((queue) => queue.all())
  }

  /** Fails whatever is not settled. */
  giveUp(reason: KafkaError): void {
    this.#wakeUp?.cancel()
    for (const queue of this.queues.values()) for (const batch of queue.all()) this.#fail(queue, batch, reason)
  }

  /** Gives up everything, after `close()` has waited. */
  stop(reason: KafkaError): void {
    this.giveUp(reason)
    this.#abort.abort(reason)
  }

  #drain(): void {
    for (let sending = this.#takeRequest(); sending.length > 0; sending = this.#takeRequest()) {
      const taken = sending
      // What goes wrong is told to those who wait for the batches.
      void this.#sendRequest(taken)
    }
    this.#planWakeUp()
  }

  /** One batch of each partition that has one to send, as many as one request holds. */
  #takeRequest(): Sending[] {
    const { lingerMs, batchSize, maxInFlight, idempotent, maxRequestBytes, runtime } = this.#settings
    const taken: Sending[] = []
    let sizeInBytes = 0
    for (const queue of this.queues.values()) {
      if (taken.length > 0 && sizeInBytes >= maxRequestBytes) break
      const batch = queue.take(runtime.clock.monotonic(), lingerMs, batchSize, maxInFlight, idempotent)
      if (!batch) continue
      queue.inFlight.add(batch)
      if (idempotent) this.#numbering.number(queue, batch)
      batch.isBehind = queue.hasEarlierThan(batch)
      sizeInBytes += batch.sizeInBytes
      taken.push({ queue, batch })
      if (batch.attempts++ === 0) this.#onSent(batch)
    }
    return taken
  }

  async #sendRequest(taken: Sending[]): Promise<void> {
    try {
      const encoding = this.#encoding.then(() => this.#encode(taken))
      this.#encoding = encoding.catch(() => undefined)
      const leaving = (await encoding).filter(({ sending }) => !sending.batch.isSettled)
      if (leaving.length > 0) await this.#produce(leaving)
    } catch (error) {
      for (const sending of taken) this.#retryOrFail(sending, error)
    }
    this.#drain()
  }

  /** What was given up meanwhile is neither numbered nor sent any more: it was said not to be written. */
  async #encode(taken: readonly Sending[]): Promise<Encoded[]> {
    const { compression, idempotent } = this.#settings
    if (idempotent) for (const sending of taken) if (!sending.batch.isSettled) await this.#numbering.identify(sending)
    const isTransactional = this.#identities.transactionalId !== null
    return Promise.all(
      taken
        .filter(({ batch }) => !batch.isSettled)
        .map(async (sending) => ({ sending, records: await sending.batch.encode(compression, isTransactional) })),
    )
  }

  async #produce(leaving: readonly Encoded[]): Promise<void> {
    const { acks, deliveryTimeoutMs } = this.#settings
    for (const { sending } of leaving) sending.batch.isSent = sending.batch.isUnanswered = true
    const partitions = leaving.map(({ sending, records }) => ({ partition: sending.batch.partition, records }))
    const request = {
      transactionalId: this.#identities.transactionalId,
      acks: acksNumbers[acks],
      timeoutMs: Math.min(deliveryTimeoutMs, 30_000),
      topics: [{ topic: this.#topic, partitions }],
    }
    const response = await this.#transport.send(produce, request, { signal: this.#abort.signal })
    const answers = new Map(response.topics[0]?.partitions.map((answer) => [answer.partition, answer]))
    for (const { sending } of leaving) this.#settle(sending, answers.get(sending.batch.partition))
  }

  #settle(sending: Sending, answer: PartitionAnswer | undefined): void {
    const { queue, batch } = sending
    const { acks } = this.#settings
    batch.isUnanswered = false
    const error = errorCodeOf(answer?.errorCode ?? (acks === 'none' ? 0 : -1))
    if (error.name === 'NONE' || error.name === 'DUPLICATE_SEQUENCE_NUMBER') {
      if (batch.identity) batch.identity.isProven = true
      queue.remove(batch)
      queue.retryAtMs = 0
      if (batch.isSettled) return
      const baseOffset = acks === 'none' ? -1 : (answer?.baseOffset ?? -1)
      this.meter.delivered(batch, baseOffset)
      batch.succeed(baseOffset, answer?.logAppendTimeMs ?? -1)
      return
    }
    if (isRecordRefusal(error.name) && batch.count > 1 && !batch.isSettled && !batch.mayBeAppended) {
      this.#split(sending)
      return
    }
    this.#retryOrFail(
      sending,
      errorOfCode(error.code, { topic: this.#topic, partition: batch.partition, detail: answer?.errorMessage }),
    )
  }

  /** The server does not take the batch for a record in it, or for its size, but perhaps a half of it. They keep its sequence numbers and its place. */
  #split({ queue, batch }: Sending): void {
    const halves = splitBatch(batch)
    queue.remove(batch)
    this.meter.counts.splits++
    for (const half of halves) {
      this.adopt(queue, half)
      queue.retry(half)
    }
  }

  #retryOrFail(sending: Sending, error: unknown): void {
    const { queue, batch } = sending
    batch.isUnanswered = false
    if (batch.isSettled) {
      queue.inFlight.delete(batch)
      return
    }
    batch.lastError = error as Error
    batch.mayBeAppended ||= KafkaError.is(error) && error.outcome === 'unknown'
    const { retries, idempotent, runtime } = this.#settings
    const name = KafkaError.is(error) && error.kafkaCode !== undefined ? errorCodeOf(error.kafkaCode).name : undefined
    // Without a number it was not the server that refused it: it is to fail, and not to be sent again at once.
    const isOutOfOrder =
      batch.identity !== undefined && (name === 'OUT_OF_ORDER_SEQUENCE_NUMBER' || name === 'UNKNOWN_PRODUCER_ID')
    // Requests take several connections, so one may overtake another; and a gap is to be expected behind a batch that was lost on the way.
    if (isOutOfOrder && batch.isBehind) {
      queue.retry(batch)
      return
    }
    // The batch before it was given up under an identity that is no longer used. It may start over, unless some request can still append it: one
    // of its own that was not answered, or, when the one before it may still arrive, a second copy that a proxy has made of an answered one.
    if (isOutOfOrder && batch.identity !== queue.identity) batch.mayBeAppended ||= batch.identity?.hasStray === true
    // The server has gone on to the next epoch: none of this one can arrive any more.
    const isOver = name === 'INVALID_PRODUCER_EPOCH' && this.#identities.transactionalId === null
    if ((isOutOfOrder || isOver) && batch.identity !== queue.identity && !batch.mayBeAppended) {
      batch.identity = undefined
      batch.baseSequence = -1
      queue.retry(batch)
      return
    }
    const isRetriable = KafkaError.is(error) && error.retriable && (idempotent || error.outcome === 'failed')
    if (!isRetriable || batch.attempts > retries) {
      this.#fail(queue, batch, error)
      return
    }
    this.meter.retried(batch, error)
    queue.retry(batch)
    queue.retryAtMs = runtime.clock.monotonic() + this.#backoffMs(batch.attempts, error)
    this.#onStaleMetadata()
  }

  #fail(queue: PartitionQueue, batch: ProducerBatch, error: unknown): void {
    if (batch.isSettled) return
    queue.remove(batch)
    this.meter.failed(batch, error)
    const mayBeAppended = batch.mayBeAppended || batch.isUnanswered
    const told = errorOfAttempts(error, mayBeAppended)
    if (batch.identity && batch.isSent && KafkaError.is(told)) batch.identity.hasStray ||= told.outcome === 'unknown'
    batch.fail(told)
    // After a batch that will not come the numbering has a gap, so the partition goes on under a new identity. In a transaction there is none.
    if (batch.identity && batch.identity === queue.identity && !this.#closesGap(queue, batch, told))
      queue.identity = this.#identities.onGap(error, batch.identity)
    this.planDrain()
  }

  /** Whether a transaction can go on without a batch: that is for whoever has sent it to say, where it was refused for what it is. */
  #closesGap(queue: PartitionQueue, batch: ProducerBatch, error: unknown): boolean {
    return this.#identities.transactionalId !== null && isRefused(error) && queue.closeGap(batch)
  }

  /** One timer for the next batch that is only held back by time. */
  #planWakeUp(): void {
    const { lingerMs, runtime } = this.#settings
    const nowMs = runtime.clock.monotonic()
    let nextMs = Number.POSITIVE_INFINITY
    for (const { retryAtMs, retries, open, inFlight } of this.queues.values()) {
      if (retryAtMs > nowMs && (retries.length > 0 || open)) nextMs = Math.min(nextMs, retryAtMs)
      else if (open && inFlight.size > 0 && open.createdMs + lingerMs > nowMs)
        nextMs = Math.min(nextMs, open.createdMs + lingerMs)
    }
    this.#wakeUp?.cancel()
    this.#wakeUp =
      nextMs === Number.POSITIVE_INFINITY ? undefined : runtime.clock.schedule(nextMs - nowMs, () => this.#drain())
  }
}
