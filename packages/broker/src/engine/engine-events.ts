/**
 * A batch that has changed since it was written, or that the disk cannot read. A fetch of it fails with CORRUPT_MESSAGE
 * or KAFKA_STORAGE_ERROR.
 */
export interface DamagedBatch {
  readonly topic: string
  readonly partition: number
  /** The offset where the damage begins, and the offset of the next batch. */
  readonly offset: number
  readonly endOffset: number
  /** Describes the fault. */
  readonly message: string
}

/**
 * The events of an engine. Each is also published on the channel `kafkado:engine:NAME` of `node:diagnostics_channel`.
 */
export interface EngineEvents {
  /** The scrubber or a reader has found a damaged batch. Reported once for each batch. */
  damaged: DamagedBatch
}
