/**
 * The headers of a record: an object of names, or a list where a name is there more than once or a value is null.
 * Strings are written as UTF-8.
 */
export type Headers =
  | Record<string, string | Uint8Array>
  | readonly (readonly [name: string, value: string | Uint8Array | null])[]

/** A record as it is sent: a value with what belongs to it. */
export interface Message<V, K = string> {
  /** null writes a tombstone. */
  value: V | null
  /** Decides the partition: equal keys go to the same one. Without a key the producer spreads batches. */
  key?: K | null | undefined
  headers?: Headers | undefined
  /** Sends to this partition, whatever the key. */
  partition?: number | undefined
  /** When it happened, in milliseconds since the epoch or as a Date; default now. */
  timestamp?: number | Date | undefined
}

/** Where a record was written. */
export interface RecordMetadata {
  topic: string
  partition: number
  /** −1 with `acks: 'none'`, where the server does not answer. */
  offset: number
  /** Milliseconds since the epoch: the record's own, or the append time where the topic stamps records. */
  timestamp: number
}
