import { publishBatch } from '#platform'
import type { ProducerBatch } from './producer-batch.ts'

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
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  delivered(batch: ProducerBatch, baseOffset: number): void {
    this.counts.recordsDelivered += batch.count
    this.counts.batchesDelivered++
    this.counts.bytesDelivered += batch.sizeInBytes
    publishBatch('delivered', batch, this.#now(), baseOffset, undefined)
  }

  failed(batch: ProducerBatch, error: unknown): void {
    this.counts.recordsFailed += batch.count
    publishBatch('failed', batch, this.#now(), -1, error)
  }

  retried(batch: ProducerBatch, error: unknown): void {
    this.counts.retries++
    publishBatch('retry', batch, this.#now(), -1, error)
  }
}
