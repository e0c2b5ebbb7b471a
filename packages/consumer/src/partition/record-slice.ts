import type { KafkaRecord } from '@kafkado/core'
import type { RecordSource, UnreadRecords } from '@kafkado/core/internal'

/** Records of a partition that follow one another in a fetched batch, each made when somebody asks for it. */
export class RecordSlice<V, K> {
  readonly length: number
  readonly #unread: UnreadRecords<V, K>
  readonly #first: number
  #records: readonly KafkaRecord<V, K>[] | undefined

  constructor(unread: UnreadRecords<V, K>, first: number, length: number) {
    this.#unread = unread
    this.#first = first
    this.length = length
  }

  get source(): RecordSource<V, K> {
    return this.#unread.source
  }

  /** The same records at each call. */
  get records(): readonly KafkaRecord<V, K>[] {
    if (this.#records) return this.#records
    const records: KafkaRecord<V, K>[] = []
    for (let index = 0; index < this.length; index++) records.push(this.#unread.recordAt(this.#first + index))
    return (this.#records = records)
  }

  offsetAt(index: number): number {
    return this.#unread.offsetAt(this.#first + index)
  }

  /** @throws SerializationError when the value cannot be decoded */
  valueAt(index: number): V {
    const made = this.#records?.[index]
    return made ? made.value : this.#unread.valueAt(this.#first + index)
  }

  /** Commits the last record and all before it in its partition. */
  commit(): Promise<void> {
    return this.#unread.recordAt(this.#first + this.length - 1).commit()
  }
}
