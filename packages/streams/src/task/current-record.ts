import type { KafkaRecord } from '@kafkado/core'
import { type Header, headersAsText } from '@kafkado/core/internal'
import type { RecordInHand, RecordSnapshot } from '../processors/processor.ts'

/** The current record, as operators see it. One object serves all records, so that none is allocated per record. */
export class CurrentRecord implements RecordInHand {
  record: KafkaRecord<unknown, unknown> | undefined
  timestamp = -1
  /** Headers set by a processor, instead of the record's own. */
  setHeaders: readonly Header[] | undefined

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
    return this.setHeaders ? headersAsText(this.setHeaders) : (this.record?.headers ?? {})
  }

  get headersInHand(): readonly Header[] | undefined {
    if (this.setHeaders) return this.setHeaders.length > 0 ? this.setHeaders : undefined
    return this.record?.hasHeaders ? this.record.rawHeaders : undefined
  }

  set(record: KafkaRecord<unknown, unknown>, timestamp: number): void {
    this.record = record
    this.timestamp = timestamp
    this.setHeaders = undefined
  }

  withHeaders(headers: readonly Header[], act: () => void): void {
    const before = this.setHeaders
    this.setHeaders = headers
    try {
      act()
    } finally {
      this.setHeaders = before
    }
  }

  snapshot(): RecordSnapshot {
    return { record: this.record, timestamp: this.timestamp, headers: this.setHeaders }
  }

  /** Acts as if this were the current record. */
  during(other: RecordSnapshot, act: () => void): void {
    const before = this.snapshot()
    this.#restore(other)
    try {
      act()
    } finally {
      this.#restore(before)
    }
  }

  #restore({ record, timestamp, headers }: RecordSnapshot): void {
    this.record = record
    this.timestamp = timestamp
    this.setHeaders = headers
  }
}
