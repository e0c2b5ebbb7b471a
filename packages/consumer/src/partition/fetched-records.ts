import type { KafkaRecord } from '@kafkado/core'
import type { UnreadRecords } from '@kafkado/core/internal'
import { RecordSlice } from './record-slice.ts'

/** The records of a partition that were fetched and not given out yet, in order. */
export class FetchedRecords<V, K> {
  readonly #batches: UnreadRecords<V, K>[] = []
  /** The next record of the first batch. */
  #next = 0
  #count = 0
  /** The average size of a record, in bytes. */
  #recordBytes = 0

  get count(): number {
    return this.#count
  }

  /** Their approximate size. */
  get sizeInBytes(): number {
    return this.#count * this.#recordBytes
  }

  add(batches: readonly UnreadRecords<V, K>[], sizeInBytes: number): void {
    // Aborted records and markers are not kept, so they take no room. If they counted, the reader would wait for ever
    // for somebody to take them.
    let added = 0
    for (const batch of batches) {
      if (batch.length === 0) continue
      this.#batches.push(batch)
      added += batch.length
    }
    if (added === 0) return
    const bytes = this.sizeInBytes + sizeInBytes
    this.#count += added
    this.#recordBytes = bytes / this.#count
  }

  shift(): KafkaRecord<V, K> | undefined {
    const first = this.#batches[0]
    if (!first) return undefined
    const record = first.recordAt(this.#next)
    this.#taken(first, 1)
    return record
  }

  /** Takes the next records, at most `most`; fewer where a batch ends. */
  take(most: number): RecordSlice<V, K> | undefined {
    const first = this.#batches[0]
    if (!first) return undefined
    const length = Math.min(most, first.length - this.#next)
    const slice = new RecordSlice(first, this.#next, length)
    this.#taken(first, length)
    return slice
  }

  takeAll(): KafkaRecord<V, K>[] {
    const records: KafkaRecord<V, K>[] = []
    for (let record = this.shift(); record; record = this.shift()) records.push(record)
    return records
  }

  drop(): void {
    this.#batches.length = 0
    this.#next = 0
    this.#count = 0
  }

  #taken(first: UnreadRecords<V, K>, length: number): void {
    this.#count -= length
    this.#next += length
    if (this.#next < first.length) return
    this.#batches.shift()
    this.#next = 0
  }
}
