import { publishBatch } from '#platform'
import type { ProducerBatch } from '../batch/producer-batch.ts'

/** What a producer has done so far, counted from its making. */
export interface ProducerMetrics {
  /** Records that were acknowledged, and how many batches and bytes they made up. */
  readonly recordsDelivered: number
  readonly batchesDelivered: number
  readonly bytesDelivered: number
  /** Records that were given up; each send of them was rejected. */
  readonly recordsFailed: number
  /** Batches that were sent once more. */
  readonly retries: number
  /** Batches that were too large for the server and sent in two parts. */
  readonly splits: number
  /** Bytes of records that wait to be delivered. */
  readonly bufferedBytes: number
}

/** What is published for each batch on the channels `kafkado:producer:delivered`, `…:failed` and `…:retry` of `node:diagnostics_channel`. */
export interface ProducerBatchEvent {
  readonly topic: string
  /** −1 for a record that was refused before it had one. */
  readonly partition: number
  readonly records: number
  readonly bytes: number
  /** How often it was sent. */
  readonly attempts: number
  /** The offset of its first record; −1 where it is not known. */
  readonly baseOffset: number
  /** Since the batch was begun, in milliseconds. */
  readonly durationMs: number
  readonly error: unknown
}

/** Counts what becomes of batches, and tells those who listen. */
export class ProducerMeter {
  readonly counts = {
    recordsDelivered: 0,
    batchesDelivered: 0,
    bytesDelivered: 0,
    recordsFailed: 0,
    retries: 0,
    splits: 0,
  }
  readonly #monotonic: () => number

  /** @param monotonic tells how long batches take */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  delivered(batch: ProducerBatch, baseOffset: number): void {
    this.counts.recordsDelivered += batch.count
    this.counts.batchesDelivered++
    this.counts.bytesDelivered += batch.sizeInBytes
    publishBatch('delivered', batch, this.#monotonic(), baseOffset, undefined)
  }

  failed(batch: ProducerBatch, error: unknown): void {
    this.counts.recordsFailed += batch.count
    publishBatch('failed', batch, this.#monotonic(), -1, error)
  }

  /** A record that is in no batch yet, or never will be. */
  refused(topic: string, error: unknown): void {
    this.counts.recordsFailed++
    const nowMs = this.#monotonic()
    const record = { topic, partition: -1, count: 1, sizeInBytes: 0, attempts: 0, createdMs: nowMs }
    publishBatch('failed', record, nowMs, -1, error)
  }

  retried(batch: ProducerBatch, error: unknown): void {
    this.counts.retries++
    publishBatch('retry', batch, this.#monotonic(), -1, error)
  }
}
