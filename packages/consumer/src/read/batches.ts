import type { Duration, KafkaRecord } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'

export interface BatchOptions {
  /** How many records a batch has at most. */
  size: number
  /** How long to wait for a full batch after its first record. */
  timeout: Duration
}

/** Records that are processed together; they may be of several partitions, in order within each. */
export class Batch<V = unknown, K = string> implements Iterable<KafkaRecord<V, K>> {
  readonly records: readonly KafkaRecord<V, K>[]

  constructor(records: readonly KafkaRecord<V, K>[]) {
    this.records = records
  }

  get size(): number {
    return this.records.length
  }

  [Symbol.iterator](): Iterator<KafkaRecord<V, K>> {
    return this.records[Symbol.iterator]()
  }

  /** Commits the last record of each partition in the batch, and with it all before. */
  async commit(): Promise<void> {
    const last = new Map<string, KafkaRecord<V, K>>()
    for (const record of this.records) last.set(partitionKey(record), record)
    await Promise.all([...last.values()].map((record) => record.commit()))
  }
}
