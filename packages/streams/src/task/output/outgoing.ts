import type { KafkaRecord } from '@kafkado/core'
import type { RecordOptions } from '@kafkado/producer'
import type { PartitionChoice, Written } from './chosen-partitions.ts'

export type Content = string | Uint8Array

/** A serialised record that a task sends. */
export interface Outgoing {
  readonly topic: string
  readonly partition: number | PartitionChoice | undefined
  readonly key: Uint8Array | null
  readonly value: Content | null
  readonly timestamp: number
  readonly headers: RecordOptions['headers']
  /** The record that caused it, if any. */
  readonly record: KafkaRecord<unknown, unknown> | undefined
  /** Called when it is refused for its content. @throws the error that ends the session; otherwise it is left out */
  readonly onRefused: (error: Error, outgoing: Outgoing) => void
  /** Called with its place when it was delivered. */
  readonly onDelivered?: ((written: Written, outgoing: Outgoing) => void) | undefined
}
