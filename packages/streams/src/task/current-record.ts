import type { KafkaRecord } from '@kafkado/core'
import type { RecordContext, RecordSnapshot } from '../processors/processor.ts'

/** The record in hand, as operators see it: one object for all of them, so that none is made for each. */
export class CurrentRecord implements RecordContext {
  record: KafkaRecord<unknown, unknown> | undefined
  timestamp = -1

  get topic(): string {
    return this.record?.topic ?? ''
  }

  get partition(): number {
    return this.record?.partition ?? -1
  }

  get offset(): number {
    return this.record?.offset ?? -1
  }

  get headers(): Readonly<Record<string, string>> {
    return this.record?.headers ?? {}
  }

  set(record: KafkaRecord<unknown, unknown>, timestamp: number): void {
    this.record = record
    this.timestamp = timestamp
  }

  clear(): void {
    this.record = undefined
  }

  snapshot(): RecordSnapshot {
    return { record: this.record, timestamp: this.timestamp }
  }

  restore({ record, timestamp }: RecordSnapshot): void {
    this.record = record
    this.timestamp = timestamp
  }
}
