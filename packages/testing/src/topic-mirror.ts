import type { KafkaRecord, TopicDefinition } from '@kafkado/core'
import { readKafkaRecords, type UnpackedRecordBatch } from '@kafkado/core/internal'

/** A batch as it was written. */
export interface WrittenBatch {
  readonly partition: number
  readonly unpacked: UnpackedRecordBatch
}

/** The batches of one topic, read with the serdes of one definition. */
interface View {
  readonly records: KafkaRecord[]
  /** How many batches were read. */
  read: number
}

/** The records of one topic, for callers with different serdes. */
export class TopicMirror {
  readonly #batches: WrittenBatch[] = []
  /** By the definition, or by the name without one. Asking twice returns the same record objects. */
  readonly #views = new Map<unknown, View>()

  add(batch: WrittenBatch): void {
    this.#batches.push(batch)
  }

  /**
   * @param asked the topic as the caller named it
   * @param definition the definition that this stands for
   */
  records<V, K>(asked: unknown, definition: TopicDefinition<V, K>): KafkaRecord<V, K>[] {
    const view = this.#views.get(asked) ?? { records: [], read: 0 }
    this.#views.set(asked, view)
    const { name: topic, key: keySerde, value: valueSerde } = definition
    const into = view.records as KafkaRecord<V, K>[]
    for (const { partition, unpacked } of this.#batches.slice(view.read)) {
      readKafkaRecords(unpacked, { source: { topic, partition, keySerde, valueSerde, commit }, into })
    }
    view.read = this.#batches.length
    return [...into]
  }
}

/** No group has read the record. */
function commit(): Promise<void> {
  return Promise.resolve()
}
