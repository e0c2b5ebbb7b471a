import type { Duration, KafkaRecord } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'

export interface BatchOptions {
  /**
   * The largest number of records in a batch. Raise it for fewer, larger batches, together with `timeout`; a crash
   * repeats a whole batch.
   */
  size: number
  /**
   * How long a batch waits to fill up, counted from its first record. Raise it for fuller batches; each record may then
   * wait that much longer.
   */
  timeout: Duration
}

/** Records that are processed together. They may come from several partitions, in order within each. */
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

  /** Commits the batch's last record of each partition, and with it all before. */
  async commit(): Promise<void> {
    const last = new Map<string, KafkaRecord<V, K>>()
    for (const record of this.records) last.set(partitionKey(record), record)
    await Promise.all([...last.values()].map((record) => record.commit()))
  }
}
