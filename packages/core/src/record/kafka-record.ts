import { readText } from '#text-memory'
import { SerializationError } from '../errors/kafka-error.ts'
import { messageOf } from '../errors/message-of.ts'
import { type StandardSchema, validate } from '../serialization/schema-serde.ts'
import { parserOf, type ReadSerde } from '../serialization/serde.ts'
import { readHeaders } from '../batch/read-headers.ts'
import { headersAsText } from '../batch/format/record-content.ts'
import type { TransactionOffsets } from './transaction-offsets.ts'

/** The shared data of one partition's records; a record itself holds only the places of its parts. */
export interface RecordSource<V, K> {
  readonly topic: string
  readonly partition: number
  readonly keySerde: ReadSerde<K>
  readonly valueSerde: ReadSerde<V>
  /** Commits this record and all before it in its partition. */
  commit(record: KafkaRecord<V, K>): Promise<void>
  /** The group member that read the records, for a transaction that commits their offsets. */
  readonly reader?: TransactionalReader
}

// oxlint-disable-next-line typescript/no-explicit-any -- serdes take and give: unknown would stand for no other
export type AnyKafkaRecord = KafkaRecord<any, any>

/** A consumer whose offsets a producer's transaction commits, so that reads and writes count together or not at all. */
export interface TransactionalReader {
  /**
   * From this call on, the reader commits nothing by itself: a commit outside the transaction would count the records
   * twice.
   *
   * @param records the processed records; without it, all records given out
   * @throws MemberFencedError when a partition was lost or given up after its records were given out;
   *   RebalanceInProgressError when one of `records` belongs to such a partition
   */
  offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets>
}

/** A record as plain data. A key, value or header that cannot be decoded is replaced by the reason. */
export interface PlainRecord<V = unknown, K = string> {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: K | null | NotDecoded
  readonly value: V | NotDecoded
  readonly headers: Record<string, string> | NotDecoded
}

/** Replaces a field that cannot be decoded, when a record is printed. */
export interface NotDecoded {
  readonly notDecoded: string
}

/** Whether records get own fields at once, see {@link makeRecordsComplete}. */
let areMadeComplete = false

/**
 * From now on, all records of this process have key, value and headers as own fields. Code that looks at own fields
 * then finds them from the start: spread, structuredClone, `Object.keys`. It makes reading slower, so use it only in
 * tests.
 */
export function makeRecordsComplete(): void {
  areMadeComplete = true
}

/**
 * A record that was read. It decodes key, value and headers at first access, from the fetched bytes. A record that you
 * keep also keeps its whole batch in memory.
 *
 * Records compare and print by their content. For a plain copy use {@link toJSON}: spread and structuredClone copy key,
 * value and headers only after a comparison, or if the record was read after `createMockKafka()` of `@kafkado/testing`.
 */
export class KafkaRecord<V = unknown, K = string> {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch: when the record was made or, if the topic says so, appended. */
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

  /** @internal made by readers; the numbers are the places of its parts in `bytes` */
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
    this.topic = source.topic
    this.partition = source.partition
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
    if (areMadeComplete) complete(this)
  }

  /** @internal the source of the record, for the code that gave it out */
  static sourceOf<V, K>(record: KafkaRecord<V, K>): RecordSource<V, K> {
    return record.#source
  }

  /** @throws SerializationError when the key cannot be decoded */
  get key(): K | null {
    if (this.#key === undefined) {
      const { keySerde } = this.#source
      this.#key = decodeField(keySerde, this.#bytes, this.#keyStart, this.#keyEnd, this, this.offset, 'key')
    }
    return this.#key
  }

  /**
   * The value; null for a tombstone.
   *
   * @throws SerializationError when the value cannot be decoded or does not match the topic's schema
   */
  get value(): V {
    if (this.#value === undefined) {
      const { valueSerde } = this.#source
      const [bytes, start, end] = [this.#bytes, this.#valueStart, this.#valueEnd]
      this.#value = decodeField(valueSerde, bytes, start, end, this, this.offset, 'value') as V
    }
    return this.#value
  }

  /** The headers as strings, the last one of each name; {@link rawHeaders} has all of them as bytes. */
  get headers(): Record<string, string> {
    this.#headers ??= headersAsText(this.rawHeaders)
    return this.#headers
  }

  /** Whether the record has headers; it does not decode them. */
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
      throw invalid(this, this.offset, 'value', cause)
    }
  }

  /** Commits this record and all before it in its partition, so that the group continues after it. */
  commit(): Promise<void> {
    return this.#source.commit(this)
  }

  /**
   * The record as plain data, for logs, JSON and copies. A field that cannot be decoded becomes `{ notDecoded: '…' }`
   * with the reason.
   */
  toJSON(): PlainRecord<V, K> {
    const { topic, partition, offset, timestamp } = this
    const key = orNotDecoded(() => this.key)
    const value = orNotDecoded(() => this.value)
    const headers = orNotDecoded(() => this.headers)
    return { topic, partition, offset, timestamp, key, value, headers }
  }

  /**
   * Comparisons (of vitest, jest, chai, lodash and `node:assert`) read this before they look at own fields, so it adds
   * the fields that they need. Defining accessors takes many times as long as making a record, so records that nobody
   * compares do without.
   *
   * @internal
   */
  get [Symbol.toStringTag](): string {
    if (#source in this) complete(this)
    return 'Object'
  }

  /** @internal the output of console.log in Node, Deno and Bun */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    return `KafkaRecord ${inspect(this.toJSON(), options)}`
  }
}

/** Where a record is, apart from its offset. */
type Place = Pick<RecordSource<unknown, unknown>, 'topic' | 'partition'>

/**
 * The key or the value in a part of `bytes`; null where `start` is negative.
 *
 * @throws SerializationError when it cannot be decoded
 */
export function decodeField<T>(
  serde: ReadSerde<T>,
  bytes: Uint8Array,
  start: number,
  end: number,
  place: Place,
  offset: number,
  field: 'key' | 'value',
): T | null {
  if (start < 0) return null
  try {
    const parse = parserOf(serde)
    if (parse) return parse(readText(bytes, start, end))
    const { topic, partition } = place
    return serde.deserialize(bytes.subarray(start, end), { topic, partition, offset, field })
  } catch (cause) {
    throw invalid(place, offset, field, cause)
  }
}

function invalid({ topic, partition }: Place, offset: number, field: string, cause: unknown): SerializationError {
  const where = `topic '${topic}' partition ${partition} offset ${offset}`
  return new SerializationError(`${where}: the ${field} is not valid: ${messageOf(cause)}`, { cause })
}

/** Makes key, value and headers own fields of the record. They are still decoded at first access. */
function complete(record: AnyKafkaRecord): void {
  if (Object.hasOwn(record, 'value')) return
  for (const name of ['key', 'value', 'headers']) {
    const getter = Object.getOwnPropertyDescriptor(KafkaRecord.prototype, name)
    Object.defineProperty(record, name, { ...getter, enumerable: true })
  }
}

function orNotDecoded<T>(read: () => T): T | NotDecoded {
  try {
    return read()
  } catch (error) {
    return { notDecoded: messageOf(error) }
  }
}

/** The source of a record, for the code that gave it out. */
export function sourceOf<V, K>(record: KafkaRecord<V, K>): RecordSource<V, K> {
  return KafkaRecord.sourceOf(record)
}
