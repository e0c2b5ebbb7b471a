import {
  batchOverheadBytes,
  crc32c,
  RecordBatchBuilder,
  recordBatchFieldsAt as at,
  type RecordBatchOptions,
  recordBatchHeaderBytes,
} from '@kafkado/core/internal'
import { readFileSync } from 'node:fs'
import { joined } from './mutator.ts'
import type { RandomBytes } from './target.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const timestamp = 1_700_000_000_000

/** A batch with records of all kinds: nulls, headers, empty and long values. */
export function batchOf(options: RecordBatchOptions = {}, count = 4): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (let index = 0; index < count; index++)
    builder.append({
      timestamp: timestamp + index * 1000 * (index % 3),
      key: index % 3 === 1 ? null : text(`key ${index}`),
      value: index % 4 === 3 ? null : text(`{"n":${index}}`.repeat(index * 3)),
      headers:
        index % 2 === 0
          ? []
          : [
              ['trace', text('ab')],
              ['none', null],
              ['', text('')],
            ],
    })
  return builder.build(options) as Uint8Array
}

/** Batches that Apache Kafka's own encoder made. */
export function batchesOfKafka(): Uint8Array[] {
  const file = new URL('../../packages/core/src/batch/golden/kafka-clients.jsonl', import.meta.url)
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line) => Uint8Array.from(Buffer.from((JSON.parse(line) as { hex: string }).hex, 'hex')))
}

export function plainBatches(): Uint8Array[] {
  return [
    batchOf(),
    batchOf({ producerId: 7, producerEpoch: 2, baseSequence: 5, isTransactional: true }),
    batchOf({ baseOffset: 100, partitionLeaderEpoch: 3 }, 1),
    batchOf({}, 12),
    joined(batchOf({ baseOffset: 0 }, 2), batchOf({ baseOffset: 2 }, 3)),
    ...batchesOfKafka(),
  ]
}

/**
 * Changes a byte of the first batch and makes length and checksum right again, without which nobody would look further.
 */
export function changeBatch(input: Uint8Array, random: RandomBytes): Uint8Array {
  if (input.length <= recordBatchHeaderBytes) return batchOf({}, 1 + random.below(5))
  const rest = recordBatchHeaderBytes + random.below(input.length - recordBatchHeaderBytes)
  const bytes =
    random.below(8) === 0
      ? joined(input.subarray(0, rest), batchOf({}, 2).subarray(recordBatchHeaderBytes))
      : input.slice()
  const changes = random.below(4)
  for (let count = 0; count < changes; count++) {
    // Fields from the attributes on are under the checksum; the records come after them.
    const position =
      random.below(4) === 0
        ? at.attributes + random.below(recordBatchHeaderBytes - at.attributes)
        : recordBatchHeaderBytes + random.below(bytes.length - recordBatchHeaderBytes || 1)
    if (position < bytes.length)
      bytes[position] = random.below(3) === 0 ? random.below(256) : (bytes[position] as number) ^ (1 << random.below(8))
  }
  return withSum(bytes, random.below(16) === 0 ? random.below(bytes.length) : bytes.length)
}

/** With the length and the checksum that its bytes have. */
export function withSum(bytes: Uint8Array, length = bytes.length): Uint8Array {
  if (length < recordBatchHeaderBytes) return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  view.setInt32(at.batchLength, length - batchOverheadBytes)
  view.setInt8(at.magic, 2)
  view.setUint32(at.crc, crc32c(bytes, at.attributes, length))
  return bytes
}
