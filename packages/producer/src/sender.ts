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
import { PartitionQueue } from './partition-queue.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerSettings } from './producer-config.ts'
import type { IdentitySource } from './producer-identity.ts'
import { ProducerMeter } from './producer-meter.ts'
import { splitBatch } from './split-batch.ts'

const acksNumbers = { all: -1, leader: 1, none: 0 } as const

type PartitionAnswer = ProduceResponse['topics'][number]['partitions'][number]

interface Sending {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
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
    this.meter = new ProducerMeter(() => settings.runtime.clock.now())
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
    const leftMs = batch.createdMs + deliveryTimeoutMs - runtime.clock.now()
    batch.expiry = runtime.clock.schedule(leftMs, () => {
      const wasSent = batch.attempts > 0
      const { lastError: cause } = batch
      const message = `topic '${this.#topic}' partition ${batch.partition}: ${batch.count} records were not acknowledged within ${deliveryTimeoutMs} ms (deliveryTimeout)${cause ? `: ${cause.message}` : ''}`
      this.#fail(queue, batch, new TimeoutError(message, { cause, outcome: wasSent ? 'unknown' : 'failed' }))
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
      const batch = queue.take(runtime.clock.now(), lingerMs, batchSize, maxInFlight, idempotent)
      if (!batch) continue
      queue.inFlight.add(batch)
      if (idempotent) this.#number(queue, batch)
      batch.isBehind = queue.hasEarlierThan(batch)
      sizeInBytes += batch.sizeInBytes
      taken.push({ queue, batch })
      if (batch.attempts++ === 0) this.#onSent(batch)
    }
    return taken
  }

  async #sendRequest(taken: Sending[]): Promise<void> {
    const { acks, compression, idempotent, deliveryTimeoutMs } = this.#settings
    const { transactionalId } = this.#identities
    const encode = async (): Promise<{ partition: number; records: Uint8Array }[]> => {
      if (idempotent) for (const sending of taken) await this.#identify(sending)
      return Promise.all(
        taken.map(async ({ batch }) => ({
          partition: batch.partition,
          records: await batch.encode(compression, transactionalId !== null),
        })),
      )
    }
    try {
      const encoding = this.#encoding.then(encode)
      this.#encoding = encoding.catch(() => undefined)
      const partitions = await encoding
      const request = {
        transactionalId,
        acks: acksNumbers[acks],
        timeoutMs: Math.min(deliveryTimeoutMs, 30_000),
        topics: [{ topic: this.#topic, partitions }],
      }
      const response = await this.#transport.send(produce, request, { signal: this.#abort.signal })
      const answers = new Map(response.topics[0]?.partitions.map((answer) => [answer.partition, answer]))
      for (const sending of taken) this.#settle(sending, answers.get(sending.batch.partition))
    } catch (error) {
      for (const sending of taken) this.#retryOrFail(sending, error)
    }
    this.#drain()
  }

  /**
   * Numbers a batch that is sent for the first time, where the identity is known: at once, so that it cannot change in between and let a later
   * batch be numbered before an earlier one.
   */
  #number(queue: PartitionQueue, batch: ProducerBatch): void {
    const { identity } = queue
    if (batch.identity || !identity || !this.#identities.isCurrent(identity)) return
    batch.identity = identity
    batch.baseSequence = identity.nextSequence
    identity.nextSequence = (identity.nextSequence + batch.count) % 2 ** 31
  }

  /** Without a known identity one batch is taken at a time, and waits for it. */
  async #identify({ queue, batch }: Sending): Promise<void> {
    this.#number(queue, batch)
    if (batch.identity) return
    const { producerId, producerEpoch } = await this.#identities.request(this.#abort.signal)
    queue.identity = { producerId, producerEpoch, nextSequence: 0, isProven: false }
    this.#number(queue, batch)
  }

  #settle(sending: Sending, answer: PartitionAnswer | undefined): void {
    const { queue, batch } = sending
    const { acks } = this.#settings
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
    if (error.name === 'MESSAGE_TOO_LARGE' && batch.count > 1 && !batch.isSettled && !batch.mayBeAppended) {
      this.#split(sending)
      return
    }
    this.#retryOrFail(
      sending,
      errorOfCode(error.code, { topic: this.#topic, partition: batch.partition, detail: answer?.errorMessage }),
    )
  }

  /** The server takes no batch of this size, but perhaps the halves of it. They keep its sequence numbers and its place. */
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
    if (batch.isSettled) {
      queue.inFlight.delete(batch)
      return
    }
    batch.lastError = error as Error
    batch.mayBeAppended ||= KafkaError.is(error) && error.outcome === 'unknown'
    const { retries, idempotent, runtime } = this.#settings
    const name = KafkaError.is(error) && error.kafkaCode !== undefined ? errorCodeOf(error.kafkaCode).name : undefined
    const isOutOfOrder = name === 'OUT_OF_ORDER_SEQUENCE_NUMBER' || name === 'UNKNOWN_PRODUCER_ID'
    // Requests take several connections, so one may overtake another; and a gap is to be expected behind a batch that was lost on the way.
    if (isOutOfOrder && batch.isBehind) {
      queue.retry(batch)
      return
    }
    // The batch before it was given up under an identity that is no longer used. When it was never appended, and no request that was not
    // answered can still append it, it may start over.
    if (isOutOfOrder && batch.identity !== queue.identity && !batch.mayBeAppended) {
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
    queue.retryAtMs = runtime.clock.now() + this.#backoffMs(batch.attempts, error)
    this.#onStaleMetadata()
  }

  #fail(queue: PartitionQueue, batch: ProducerBatch, error: unknown): void {
    if (batch.isSettled) return
    queue.remove(batch)
    this.meter.failed(batch, error)
    batch.fail(errorOfAttempts(error, batch.mayBeAppended))
    // After a batch that will not come the numbering has a gap, so the partition goes on under a new identity.
    if (batch.identity && batch.identity === queue.identity)
      queue.identity = this.#identities.onGap(error, batch.identity)
    this.planDrain()
  }

  /** One timer for the next batch that is only held back by time. */
  #planWakeUp(): void {
    const { lingerMs, runtime } = this.#settings
    const nowMs = runtime.clock.now()
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
