import { publishBatch } from '#publish-batch'
import type { Clock } from '@kafkado/core'
import type { ProducerBatch } from '../batch/producer-batch.ts'

/** What a producer has done since it was made. */
export interface ProducerMetrics {
  /** Acknowledged records, and the batches and bytes that they made up. */
  readonly recordsDelivered: number
  readonly batchesDelivered: number
  readonly bytesDelivered: number
  /** Records that were given up; the send of each was rejected. */
  readonly recordsFailed: number
  /** Batches that were sent again. */
  readonly retries: number
  /** Batches that the server refused for their size or for one of their records, and that were split in two. */
  readonly splits: number
  /** Bytes of records that wait to be delivered. */
  readonly bufferedBytes: number
}

/** Counts the results of batches, and publishes them. */
export class ProducerMeter {
  readonly counts = {
    recordsDelivered: 0,
    batchesDelivered: 0,
    bytesDelivered: 0,
    recordsFailed: 0,
    retries: 0,
    splits: 0,
  }
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  delivered(batch: ProducerBatch, baseOffset: number): void {
    this.counts.recordsDelivered += batch.count
    this.counts.batchesDelivered++
    this.counts.bytesDelivered += batch.sizeInBytes
    publishBatch('delivered', batch, this.#clock, baseOffset, undefined)
  }

  failed(batch: ProducerBatch, error: unknown): void {
    this.counts.recordsFailed += batch.count
    publishBatch('failed', batch, this.#clock, -1, error)
  }

  /** Counts a record that failed before it was in a batch. */
  refused(topic: string, error: unknown): void {
    this.counts.recordsFailed++
    const origin = { topic, partition: -1, createdMs: undefined }
    publishBatch('failed', { origin, count: 1, sizeInBytes: 0, attempts: { count: 0 } }, this.#clock, -1, error)
  }

  retried(batch: ProducerBatch, error: unknown): void {
    this.counts.retries++
    publishBatch('retry', batch, this.#clock, -1, error)
  }
}
