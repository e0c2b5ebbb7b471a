import type { Duration, KafkaRecord } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import type { RecordSlice } from '../partition/record-slice.ts'

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
  readonly size: number
  readonly #slices: readonly RecordSlice<V, K>[]
  #records: readonly KafkaRecord<V, K>[] | undefined

  /** @internal made by a consumer */
  constructor(slices: readonly RecordSlice<V, K>[]) {
    this.#slices = slices
    this.size = slices.reduce((sum, { length }) => sum + length, 0)
  }

  /** @internal for the code that gave it out */
  static slicesOf<V, K>(batch: Batch<V, K>): readonly RecordSlice<V, K>[] {
    return batch.#slices
  }

  /** The records, made when you first ask for them. */
  get records(): readonly KafkaRecord<V, K>[] {
    return (this.#records ??= this.#slices.flatMap(({ records }) => records))
  }

  /**
   * The value of each record; null for a tombstone. The fastest way to read a batch: it makes no records, and decodes a
   * value when the loop asks for it. Each call decodes the values again, unless you have asked for the records before.
   *
   * @throws SerializationError when the loop comes to a value that cannot be decoded or does not match the topic's
   *   schema
   */
  *values(): Generator<V, undefined> {
    for (const slice of this.#slices) for (let index = 0; index < slice.length; index++) yield slice.valueAt(index)
    return undefined
  }

  [Symbol.iterator](): Iterator<KafkaRecord<V, K>> {
    return this.records[Symbol.iterator]()
  }

  /** Commits the batch's last record of each partition, and with it all before. */
  async commit(): Promise<void> {
    const last = new Map<string, RecordSlice<V, K>>()
    for (const slice of this.#slices) last.set(partitionKey(slice.source), slice)
    await Promise.all([...last.values()].map((slice) => slice.commit()))
  }
}

/** The parts of a batch, for the code that gave it out. */
export function slicesOf<V, K>(batch: Batch<V, K>): readonly RecordSlice<V, K>[] {
  return Batch.slicesOf(batch)
}
