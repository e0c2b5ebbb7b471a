/** The headers of a record: an object, or a list if names repeat or values are null. Strings are written as UTF-8. */
export type Headers =
  | Record<string, string | Uint8Array>
  | readonly (readonly [name: string, value: string | Uint8Array | null])[]

/** A record to send: a value and its metadata. */
export interface Message<V, K = string> {
  /** null writes a tombstone. */
  value: V | null
  /**
   * Decides the partition: equal keys go to the same one. Without a key, the producer spreads batches over partitions.
   */
  key?: K | null | undefined
  headers?: Headers | undefined
  /** Sends to this partition, whatever the key. */
  partition?: number | undefined
  /** When it happened, in milliseconds since the epoch or as a Date. Default: now. */
  timestamp?: number | Date | undefined
}

/** The place of a written record. */
export interface RecordMetadata {
  topic: string
  partition: number
  /** −1 with `acks: 'none'`, as the server does not answer. */
  offset: number
  /** Milliseconds since the epoch: the record's own timestamp, or the append time if the topic stamps records. */
  timestamp: number
}
