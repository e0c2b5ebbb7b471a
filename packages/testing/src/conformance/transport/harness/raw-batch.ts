import { recordBatchHeaderBytes, writeRecordBatchHeader } from '@kafkado/core/internal'
import { startTime } from './harness.ts'

/** What a record says of itself, which need not be so. Where nothing is said it is right. */
export interface RawRecord {
  readonly timestampDelta?: number | readonly number[]
  readonly offsetDelta?: number
  readonly key?: string | null
  readonly keyLength?: number
  readonly value?: string | null
  readonly valueLength?: number
  /** Name and value, each with a length of its own. */
  readonly headers?: readonly (readonly [nameLength: number, name: string, valueLength: number, value: string])[]
  readonly headersCount?: number
  /** Bytes before the record ends. */
  readonly more?: readonly number[]
  /** By how much the length is wrong. */
  readonly lengthError?: number
  /** Said in place of the length. */
  readonly length?: readonly number[]
}

/** What a header says; the checksum is right. */
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

/** A number as records have it: zigzag, 7 bits a byte. */
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

/** The records one after the other, each with its own place unless it says another. */
export function rawRecords(...records: RawRecord[]): Uint8Array {
  return Uint8Array.from(records.flatMap((record, index) => rawRecord(record, index)))
}

/** A batch of bytes that are taken for `recordsCount` records. */
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
