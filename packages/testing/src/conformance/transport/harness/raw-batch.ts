import { recordBatchHeaderBytes, writeRecordBatchHeader } from '@kafkado/core/internal'
import { startTime } from './harness.ts'

/** The stated fields of a record, right or wrong. A missing field gets its right value. */
export interface RawRecord {
  readonly timestampDelta?: number | readonly number[]
  readonly offsetDelta?: number
  readonly key?: string | null
  readonly keyLength?: number
  readonly value?: string | null
  readonly valueLength?: number
  /** Name and value, each with a stated length. */
  readonly headers?: readonly (readonly [nameLength: number, name: string, valueLength: number, value: string])[]
  readonly headersCount?: number
  /** Extra bytes at the end of the record. */
  readonly more?: readonly number[]
  /** The error of the stated length. */
  readonly lengthError?: number
  /** These bytes in place of the length. */
  readonly length?: readonly number[]
}

/** The stated fields of a header; the checksum is right. */
export interface RawHeader {
  readonly baseOffset: number
  readonly attributes: number
  readonly recordsCount: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

const encoder = new TextEncoder()

/** A number as in records: zigzag, 7 bits a byte. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let zigzag = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; zigzag >= 0x80n; zigzag >>= 7n) bytes.push(Number(zigzag & 0x7fn) | 0x80)
  return [...bytes, Number(zigzag)]
}

function rawRecord(record: RawRecord = {}, index = 0): number[] {
  const { timestampDelta = 0, offsetDelta = index, key = null, value = 'v', headers = [], lengthError = 0 } = record
  const field = (text: string | null, length: number | undefined): number[] => {
    const bytes = text === null ? [] : [...encoder.encode(text)]
    return [...varint(length ?? (text === null ? -1 : bytes.length)), ...bytes]
  }
  const body = [
    0,
    ...(typeof timestampDelta === 'number' ? varint(timestampDelta) : timestampDelta),
    ...varint(offsetDelta),
    ...field(key, record.keyLength),
    ...field(value, record.valueLength),
    ...varint(record.headersCount ?? headers.length),
    ...headers.flatMap(([nameLength, name, valueLength, content]) => [
      ...field(name, nameLength),
      ...field(content, valueLength),
    ]),
    ...(record.more ?? []),
  ]
  return [...(record.length ?? varint(body.length + lengthError)), ...body]
}

/** The records one after the other, each at its own place unless it states another. */
export function rawRecords(...records: RawRecord[]): Uint8Array {
  return Uint8Array.from(records.flatMap((record, index) => rawRecord(record, index)))
}

/** A batch of bytes with a stated number of records. */
export function rawBatch(records: Uint8Array, header: Partial<RawHeader> = {}): Uint8Array {
  const { recordsCount = 1, lastOffsetDelta = recordsCount - 1, baseTimestamp = startTime } = header
  const batch = new Uint8Array(recordBatchHeaderBytes + records.length)
  batch.set(records, recordBatchHeaderBytes)
  writeRecordBatchHeader(batch, {
    baseOffset: header.baseOffset ?? 0,
    partitionLeaderEpoch: -1,
    attributes: header.attributes ?? 0,
    lastOffsetDelta,
    baseTimestamp,
    maxTimestamp: header.maxTimestamp ?? baseTimestamp,
    producerId: header.producerId ?? -1,
    producerEpoch: header.producerEpoch ?? -1,
    baseSequence: header.baseSequence ?? -1,
    recordsCount,
  })
  return batch
}
