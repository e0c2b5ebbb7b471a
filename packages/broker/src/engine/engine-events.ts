/**
 * A batch that is not as it was written, or that the disk does not give out: a fetch of it is refused with
 * CORRUPT_MESSAGE or KAFKA_STORAGE_ERROR.
 */
export interface DamagedBatch {
  readonly topic: string
  readonly partition: number
  /** The offset from which on it was found to be damaged, and where the next batch begins. */
  readonly offset: number
  readonly endOffset: number
  /** What is wrong with it. */
  readonly message: string
}

/** What an engine tells. Each is published on the channel `kafkado:engine:NAME` of `node:diagnostics_channel` too. */
export interface EngineEvents {
  /** A batch was found to be damaged: by the scrubber, or by whoever needed it. Told once for each. */
  damaged: DamagedBatch
}
