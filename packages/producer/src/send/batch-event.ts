import type { Clock } from '@kafkado/core'

/**
 * Published for each batch on the channels `kafkado:producer:delivered`, `…:failed` and `…:retry` of
 * `node:diagnostics_channel`.
 */
export interface ProducerBatchEvent {
  readonly topic: string
  /** −1 for a record that was refused before it had a partition. */
  readonly partition: number
  readonly records: number
  readonly bytes: number
  /** How often it was sent. */
  readonly attempts: number
  /** The offset of its first record; −1 when unknown. */
  readonly baseOffset: number
  /** Milliseconds since the batch was begun. */
  readonly durationMs: number
  readonly error: unknown
}

/** The part of a batch that is published. */
export interface PublishedBatch {
  /** Without a time for a record that was refused at once. */
  readonly origin: { readonly topic: string; readonly partition: number; readonly createdMs: number | undefined }
  readonly count: number
  readonly sizeInBytes: number
  readonly attempts: { readonly count: number }
}

/** Publishes what became of a batch. Browsers have no subscribers, so their bundle leaves it out. */
export type PublishBatch = (
  outcome: 'delivered' | 'failed' | 'retry',
  batch: PublishedBatch,
  clock: Clock,
  baseOffset: number,
  error: unknown,
) => void
