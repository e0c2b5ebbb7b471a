import type { Clock } from '@kafkado/core'

/**
 * What is published for each batch on the channels `kafkado:producer:delivered`, `…:failed` and `…:retry` of
 * `node:diagnostics_channel`.
 */
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

/** What of a batch is published. */
export interface PublishedBatch {
  /** Without a time for what was refused at once. */
  readonly origin: { readonly topic: string; readonly partition: number; readonly createdMs: number | undefined }
  readonly count: number
  readonly sizeInBytes: number
  readonly attempts: { readonly count: number }
}

/** Tells those who listen what became of a batch. A page, where nobody can listen, does not download it. */
export type PublishBatch = (
  outcome: 'delivered' | 'failed' | 'retry',
  batch: PublishedBatch,
  clock: Clock,
  baseOffset: number,
  error: unknown,
) => void
