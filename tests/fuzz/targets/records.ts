import { KafkaRecord, string } from '@kafkado/core'
import {
  controlRecordType,
  filterRecordBatch,
  producerIdOf,
  readHeaders,
  readRecordBatchHeader,
  type RecordBatchHeader,
  RecordCheck,
  readRecords,
  recordBatchesIn,
  recordBatchHeaderBytes,
  soundRecordBatches,
  type UnpackedRecordBatch,
  unpackRecordBatch,
  verifyChecksum,
} from '@kafkado/core/internal'
import { writeRecordBatchHeader } from '../../../packages/core/src/batch/format/record-batch-header.ts'
import { VarintReader } from '../../../packages/core/src/batch/format/varint-reader.ts'
import { varintBytes, writeVarint } from '../../../packages/core/src/batch/format/varint.ts'
import { batchesOfKafka, changeBatch, plainBatches } from '../batches.ts'
import { decoded, expect, isRefused, type Target } from '../target.ts'

const written = (value: number): Uint8Array => {
  const bytes = new Uint8Array(10)
  return bytes.slice(0, writeVarint(bytes, 0, value))
}

export const varints: Target = {
  name: 'varints',
  sources: ['format/varint'],
  seeds: [
    0,
    -1,
    63,
    64,
    8191,
    -8193,
    2 ** 30,
    -(2 ** 30) - 1,
    2 ** 31,
    2 ** 41,
    Number.MAX_SAFE_INTEGER,
    -(2 ** 52),
  ].map(written),
  run(input) {
    const reader = new VarintReader(input, 0, input.length)
    const value = decoded(() => reader.varint())
    if (!isRefused(value)) {
      expect(reader.position <= input.length, 'it reads beyond its end')
      const again = new Uint8Array(10)
      const end = writeVarint(again, 0, value)
      expect(end === varintBytes(value), `${value} takes ${end} bytes and not ${varintBytes(value)}`)
      expect(new VarintReader(again, 0, end).varint() === value, `${value} is read as another number`)
    }
    const narrow = new VarintReader(input, 0, input.length)
    const length = decoded(() => narrow.int32())
    if (!isRefused(length)) {
      expect(length === (length | 0) && length === value, `${JSON.stringify(value)} is read as ${length}`)
      const start = decoded(() => narrow.skip(length, input.length))
      expect(isRefused(start) || narrow.position <= input.length, 'it steps beyond its end')
    }
    return [value, length]
  },
}

export const batchHeaders: Target = {
  name: 'batch-headers',
  sources: ['format/record-batch-header', 'format/read-record-batch-header'],
  seeds: plainBatches(),
  change: changeBatch,
  run(input) {
    const header = decoded(() => readRecordBatchHeader(input))
    const producerId = decoded(() => producerIdOf(input))
    const sound = decoded(() => soundRecordBatches(input))
    if (!isRefused(sound)) {
      expect(sound.soundBytes >= 0 && sound.soundBytes <= input.length, `sound are ${sound.soundBytes} bytes`)
      expect(sound.soundBytes === 0 || Number.isSafeInteger(sound.endOffset), `the end is ${sound.endOffset}`)
    }
    if (isRefused(header)) return [header, producerId, sound]
    expect(header.producerId === producerId, 'the producer ids differ')
    expect(
      header.sizeInBytes >= recordBatchHeaderBytes && header.sizeInBytes <= input.length,
      'it is longer than its bytes',
    )
    const isRight = !isRefused(decoded(() => verifyChecksum(input, header)))
    if (!isRefused(sound)) expect(isRight === sound.soundBytes >= header.sizeInBytes, 'the checksums disagree')
    const again = input.slice(0, header.sizeInBytes)
    writeRecordBatchHeader(again, header)
    const same = again.every((byte, index) => byte === input[index] || (index >= 17 && index < 21))
    expect(same, 'the header is not what was written')
    return [header, producerId, sound, isRight]
  },
}

const partition = {
  topic: 't',
  partition: 0,
  keySerde: string(),
  valueSerde: string(),
  commit: () => Promise.resolve(),
}

/**
 * What readers make of the records of a batch that was let in: they may refuse it as a whole, or values that are no
 * text.
 */
function read(unpacked: UnpackedRecordBatch): unknown[] {
  const seen: unknown[] = []
  readRecords(
    unpacked,
    (bytes, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count, start, end) => {
      expect(
        start >= unpacked.recordsStart && end <= unpacked.recordsEnd && start < end,
        'a record lies outside its batch',
      )
      expect(
        keyStart <= keyEnd && keyEnd <= end && valueStart <= valueEnd && valueEnd <= end,
        'a field lies outside its record',
      )
      const record = new KafkaRecord(
        partition,
        bytes,
        offset,
        timestamp,
        keyStart,
        keyEnd,
        valueStart,
        valueEnd,
        headersStart,
        count,
      )
      seen.push([
        offset,
        timestamp,
        decoded(() => record.key),
        decoded(() => record.value),
        decoded(() => record.rawHeaders),
      ])
      seen.push(decoded(() => record.headers))
      if (keyStart >= 0 && keyEnd - keyStart >= 4) controlRecordType(bytes, keyStart)
    },
  )
  return seen
}

/** Whoever keeps batches for others lets in what every reader can read, and what cleaning makes of it is the same. */
async function requireReadable(unpacked: UnpackedRecordBatch, records: readonly unknown[]): Promise<void> {
  for (const [, , , , headers] of records.filter((_, index) => index % 2 === 0) as unknown[][])
    expect(!isRefused(headers), 'headers of a checked record are refused')
  const kept = (await filterRecordBatch(unpacked, () => true, 'none')) as Uint8Array
  const header = readRecordBatchHeader(kept)
  const again = unpackRecordBatch(kept, header) as UnpackedRecordBatch
  expect(JSON.stringify(read(again)) === JSON.stringify(records), 'records are others after cleaning')
  const half = await filterRecordBatch(unpacked, (_bytes, offset) => offset % 2 === 0, 'none')
  if (half !== undefined) read(unpackRecordBatch(half, readRecordBatchHeader(half)) as UnpackedRecordBatch)
}

export const recordBatches: Target = {
  name: 'record-batches',
  sources: [
    'batch/record-batch-reader',
    'batch/record-walk',
    'batch/record-check',
    'batch/record-batch-filter',
    'record/kafka-record',
    'batch/control-record',
  ],
  seeds: plainBatches(),
  change: changeBatch,
  async run(input) {
    const found: { header: RecordBatchHeader; batch: Uint8Array }[] = []
    const end = decoded(() => {
      for (const one of recordBatchesIn(input)) found.push(one)
    })
    const results: unknown[] = []
    const resultOf = async ({ header, batch }: (typeof found)[number]): Promise<unknown> => {
      // Compressed ones have targets of their own.
      if (header.compressionType !== 0) return 'compressed'
      const unpacked = unpackRecordBatch(batch, header) as UnpackedRecordBatch
      const records = decoded(() => read(unpacked))
      const check = new RecordCheck(unpacked)
      const isChecked = decoded(() => {
        while (check.next(3));
      })
      if (isRefused(isChecked)) return [records, isChecked]
      if (isRefused(records)) expect(false, `a checked batch is refused: ${records.refused}`)
      else if (records.length > 0 && header.recordsCount > 0) await requireReadable(unpacked, records)
      return [records, check.maxTimestamp, check.minTimestamp, check.lacksKey]
    }
    for (const one of found) results.push(await resultOf(one))
    return [end, results]
  },
}

/** The headers of a record alone, with any number of them. */
export const recordHeaders: Target = {
  name: 'record-headers',
  sources: ['batch/record-walk', 'format/varint-reader'],
  seeds: [
    Uint8Array.of(2, 4, 0x61, 0x62, 4, 1, 2),
    Uint8Array.of(1, 0, 1),
    Uint8Array.of(3, 2, 0x61, 0, 2, 0x61, 1, 0, 2, 9),
    ...batchesOfKafka(),
  ],
  run(input) {
    const count = input[0] ?? 0
    return decoded(() => readHeaders(input, 1, count * 1000))
  },
}
