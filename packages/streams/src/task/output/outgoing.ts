import type { KafkaRecord } from '@kafkado/core'
import type { RecordOptions } from '@kafkado/producer'
import type { PartitionChoice, Written } from './chosen-partitions.ts'

export type Content = string | Uint8Array

/** A record that a task puts out, written already. */
export interface Outgoing {
  readonly topic: string
  readonly partition: number | PartitionChoice | undefined
  readonly key: Uint8Array | null
  readonly value: Content | null
  readonly timestamp: number
  readonly headers: RecordOptions['headers']
  /** What it was made of, if anything. */
  readonly record: KafkaRecord<unknown, unknown> | undefined
  /** Told that it cannot be written because of what it is. @throws what ends the session; else it is left out */
  readonly onRefused: (error: Error, outgoing: Outgoing) => void
  /** Told where it is when it was delivered. */
  readonly onDelivered?: ((written: Written, outgoing: Outgoing) => void) | undefined
}
