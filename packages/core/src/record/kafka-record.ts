import { SerializationError } from '../errors/kafka-error.ts'
import { type StandardSchema, validate } from '../serialization/schema-serde.ts'
import type { Serde } from '../serialization/serde.ts'
import { readHeaders } from './record-batch-reader.ts'
import { headersAsText } from './record-content.ts'
import type { TransactionalReader } from './transaction-offsets.ts'

/** What the records of one partition share, so that a record itself holds only where its parts lie. */
export interface RecordSource<V, K> {
  readonly topic: string
  readonly partition: number
  readonly keySerde: Serde<K>
  readonly valueSerde: Serde<V>
  /** Commits this record and all before it in its partition. */
  commit(record: KafkaRecord<V, K>): Promise<void>
  /** Who read them as a member of a group, for a transaction that commits their offsets. */
  readonly reader?: TransactionalReader
}

// oxlint-disable-next-line typescript/no-explicit-any -- serdes take and give, so a record of unknown would stand for no other
export type AnyKafkaRecord = KafkaRecord<any, any>

/**
 * A record as it is read. Key, value and headers are decoded when they are first asked for, from the fetched bytes; a record
 * that is kept for long keeps its whole batch in memory.
 */
export class KafkaRecord<V = unknown, K = string> {
  readonly offset: number
  /** Milliseconds since the epoch: when the record was made or, by the topic's setting, appended. */
  readonly timestamp: number

  readonly #source: RecordSource<V, K>
  readonly #bytes: Uint8Array
  readonly #keyStart: number
  readonly #keyEnd: number
  readonly #valueStart: number
  readonly #valueEnd: number
  readonly #headersStart: number
  readonly #headersCount: number
  #key: K | null | undefined
  #value: V | undefined
  #headers: Record<string, string> | undefined

  constructor(
    source: RecordSource<V, K>,
    bytes: Uint8Array,
    offset: number,
    timestamp: number,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    headersStart: number,
    headersCount: number,
  ) {
    this.#source = source
    this.#bytes = bytes
    this.offset = offset
    this.timestamp = timestamp
    this.#keyStart = keyStart
    this.#keyEnd = keyEnd
    this.#valueStart = valueStart
    this.#valueEnd = valueEnd
    this.#headersStart = headersStart
    this.#headersCount = headersCount
  }

  /** @internal what the record was made with, for those who gave it out */
  static sourceOf<V, K>(record: KafkaRecord<V, K>): RecordSource<V, K> {
    return record.#source
  }

  get topic(): string {
    return this.#source.topic
  }

  get partition(): number {
    return this.#source.partition
  }

  /** @throws SerializationError when the key does not decode */
  get key(): K | null {
    if (this.#key === undefined) {
      const bytes = this.rawKey
      this.#key = bytes === null ? null : this.#decode(this.#source.keySerde, bytes, 'key')
    }
    return this.#key
  }

  /**
   * The value; null for a tombstone.
   *
   * @throws SerializationError when the value does not decode or is not what the topic's schema asks for
   */
  get value(): V {
    if (this.#value === undefined) {
      const bytes = this.rawValue
      this.#value = bytes === null ? (null as V) : this.#decode(this.#source.valueSerde, bytes, 'value')
    }
    return this.#value
  }

  /** The headers as text, the last of each name; {@link rawHeaders} has all of them as bytes. */
  get headers(): Record<string, string> {
    this.#headers ??= headersAsText(this.rawHeaders)
    return this.#headers
  }

  /** Whether there are any, without reading them. */
  get hasHeaders(): boolean {
    return this.#headersCount > 0
  }

  get rawHeaders(): [name: string, value: Uint8Array | null][] {
    return readHeaders(this.#bytes, this.#headersStart, this.#headersCount)
  }

  get rawKey(): Uint8Array | null {
    return this.#keyStart < 0 ? null : this.#bytes.subarray(this.#keyStart, this.#keyEnd)
  }

  get rawValue(): Uint8Array | null {
    return this.#valueStart < 0 ? null : this.#bytes.subarray(this.#valueStart, this.#valueEnd)
  }

  /**
   * The value, checked against a schema.
   *
   * @throws SerializationError when it does not match
   */
  to<T>(schema: StandardSchema<T>): T {
    const { value } = this
    try {
      return validate(schema, value)
    } catch (cause) {
      throw this.#invalid('value', cause)
    }
  }

  /** Commits this record and all before it in its partition, so that the group goes on after it. */
  commit(): Promise<void> {
    return this.#source.commit(this)
  }

  /** The record as plain data, for logs and JSON. */
  toJSON(): {
    topic: string
    partition: number
    offset: number
    timestamp: number
    key: K | null
    value: V
    headers: Record<string, string>
  } {
    const { topic, partition, offset, timestamp, key, value, headers } = this
    return { topic, partition, offset, timestamp, key, value, headers }
  }

  #decode<T>(serde: Serde<T>, bytes: Uint8Array, field: 'key' | 'value'): T {
    try {
      return serde.deserialize(bytes, { topic: this.topic, partition: this.partition, offset: this.offset, field })
    } catch (cause) {
      throw this.#invalid(field, cause)
    }
  }

  #invalid(field: 'key' | 'value', cause: unknown): SerializationError {
    const where = `topic '${this.topic}' partition ${this.partition} offset ${this.offset}`
    return new SerializationError(
      `${where}: the ${field} is not valid: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

/** What a record was made with, for those who gave it out. */
export function sourceOf<V, K>(record: KafkaRecord<V, K>): RecordSource<V, K> {
  return KafkaRecord.sourceOf(record)
}
