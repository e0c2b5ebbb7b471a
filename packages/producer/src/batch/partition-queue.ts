import { RecordBatchBuilder, type RecordContent } from '@kafkado/core/internal'
import type { Waiter } from '../delivery/delivery.ts'
import { type BatchOrigin, ProducerBatch } from './producer-batch.ts'
import type { ProducerIdentity } from './producer-identity.ts'

/** Decides when batches leave a queue. */
export interface QueueSettings {
  readonly lingerMs: number
  readonly batchSize: number
  readonly maxInFlight: number
  readonly idempotent: boolean
}

/**
 * The batches of one partition on their way, in order: first those to retry, then the closed ones, then the open one.
 * With idempotence, a batch gets its number when it is first sent.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** Numbers the batches that leave for the first time; undefined until it is known. */
  identity: ProducerIdentity | undefined
  readonly #inFlight = new Set<ProducerBatch>()
  /** Batches to retry, in the order in which they were begun. */
  readonly #retries: ProducerBatch[] = []
  readonly #closed: ProducerBatch[] = []
  #open: ProducerBatch | undefined
  #nextOrder = 0
  /** The size of the last batch and a little more. */
  #usualBytes = 1024
  #heldUntilMs = 0
  readonly #waiting: Set<PartitionQueue>

  /** @param waiting queues that may have something to send: this one adds itself, and its sender removes it */
  constructor(topic: string, partition: number, waiting: Set<PartitionQueue> = new Set()) {
    this.topic = topic
    this.partition = partition
    this.#waiting = waiting
  }

  /** Whether any batch is still to be sent, now or later. */
  get isWaiting(): boolean {
    return this.#open !== undefined || this.#closed.length > 0 || this.#retries.length > 0
  }

  /** The batch that accepts records. */
  get open(): ProducerBatch | undefined {
    return this.#open
  }

  /** Every unsettled batch. */
  all(): ProducerBatch[] {
    return [...this.#inFlight, ...this.#retries, ...this.#closed, ...(this.#open ? [this.#open] : [])]
  }

  /**
   * Closes the open batch and begins a new one with this record.
   *
   * @throws SerializationError when the record cannot be written
   */
  begin(createdMs: number, content: RecordContent, waiter: Waiter, place = 0): ProducerBatch {
    this.#closeOpen()
    const { topic, partition } = this
    const origin = { topic, partition, createdMs, order: this.#nextOrder, firstRecord: 0 }
    const batch = new ProducerBatch(origin, new RecordBatchBuilder(this.#usualBytes))
    batch.append(content, waiter, place)
    this.#nextOrder++
    this.#open = batch
    this.#waiting.add(this)
    return batch
  }

  /** Returns a batch to its place for a retry. */
  retry(batch: ProducerBatch): void {
    this.#inFlight.delete(batch)
    const later = this.#retries.findIndex((other) => batch.isBefore(other))
    this.#retries.splice(later < 0 ? this.#retries.length : later, 0, batch)
    this.#waiting.add(this)
  }

  /** Sends nothing before this time of the monotonic clock. */
  holdUntil(timeMs: number): void {
    this.#heldUntilMs = timeMs
  }

  remove(batch: ProducerBatch): void {
    this.#inFlight.delete(batch)
    for (const list of [this.#retries, this.#closed]) {
      const index = list.indexOf(batch)
      if (index >= 0) list.splice(index, 1)
    }
    if (this.#open === batch) this.#open = undefined
  }

  /** Whether a batch with an earlier number is still unanswered. */
  hasEarlierThan(batch: ProducerBatch): boolean {
    const isEarlier = (other: ProducerBatch): boolean => other.identity === batch.identity && other.isBefore(batch)
    return [...this.#inFlight].some(isEarlier) || this.#retries.some(isEarlier)
  }

  /** Takes the next batch to send, which is then in flight; undefined when no batch may leave, or none has to. */
  take(nowMs: number, settings: QueueSettings): ProducerBatch | undefined {
    if (nowMs < this.#heldUntilMs || this.#inFlight.size >= this.#mayBeInFlight(settings)) return undefined
    const batch = this.#retries.shift() ?? this.#first(nowMs, settings)
    if (batch) this.#inFlight.add(batch)
    return batch
  }

  /** When the next batch may leave, if only time holds it back; infinite otherwise. */
  heldUntilMs(nowMs: number, { lingerMs }: QueueSettings): number {
    const open = this.#open
    if (this.#heldUntilMs > nowMs && (this.#retries.length > 0 || this.#closed.length > 0 || open))
      return this.#heldUntilMs
    const lingersUntilMs = open && this.#inFlight.size > 0 ? lingeredAt(open.origin, lingerMs) : nowMs
    return lingersUntilMs > nowMs ? lingersUntilMs : Number.POSITIVE_INFINITY
  }

  /** The next unsent batch, if it need not wait for more records. */
  #first(nowMs: number, { lingerMs, batchSize }: QueueSettings): ProducerBatch | undefined {
    const inFlight = this.#inFlight.size
    if (this.#closed.length === 0 && this.#open) {
      const { isDue, sizeInBytes, origin } = this.#open
      if (isDue || inFlight === 0 || sizeInBytes >= batchSize || nowMs >= lingeredAt(origin, lingerMs))
        this.#closeOpen()
    }
    return this.#closed.shift()
  }

  /**
   * One at a time: until the server knows the identity, while a batch is retried, and while a batch under the previous
   * identity is in flight. A new identity numbers from 0, so batches under it could overtake that one.
   */
  #mayBeInFlight({ maxInFlight, idempotent }: QueueSettings): number {
    if (!idempotent) return maxInFlight
    const isSettled = this.identity?.isProven && this.#retries.length === 0
    return isSettled && [...this.#inFlight].every(({ identity }) => identity === this.identity) ? maxInFlight : 1
  }

  #closeOpen(): void {
    if (!this.#open) return
    this.#usualBytes = Math.ceil(this.#open.sizeInBytes * 1.1)
    this.#closed.push(this.#open)
    this.#open = undefined
  }
}

/** One sum for both questions, whether it is time and when it will be: the times of a clock have fractions. */
function lingeredAt({ createdMs }: BatchOrigin, lingerMs: number): number {
  return createdMs + lingerMs
}
