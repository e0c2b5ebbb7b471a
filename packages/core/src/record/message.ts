/** A record as it is sent: a value with what belongs to it. */
export interface Message<V, K = string> {
  /** null writes a tombstone. */
  value: V | null
  /** Decides the partition: equal keys go to the same one. Without a key the producer spreads batches. */
  key?: K | null | undefined
  headers?: Record<string, string | Uint8Array> | undefined
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
