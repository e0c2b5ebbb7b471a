import { string } from '@kafkado/core'
import { RecordBatchBuilder, recordBatchHeaderBytes, type UnreadRecords } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import { decodeRecords } from './record-decoder.ts'

const source = {
  topic: 'topic',
  partition: 0,
  keySerde: string(),
  valueSerde: string(),
  commit: () => Promise.resolve(),
}

/** Three batches of two records, at the offsets 0, 2 and 4. */
const batches = [0, 2, 4].map((baseOffset) => {
  const builder = new RecordBatchBuilder()
  for (const value of ['a', 'b'])
    builder.append({ timestamp: 1, key: null, value: `${value}${baseOffset}`, headers: [] })
  const batch = builder.build({}) as Uint8Array
  new DataView(batch.buffer, batch.byteOffset).setBigInt64(0, BigInt(baseOffset))
  return batch
})

const fetched = (damaged: number, byte: number) => ({
  abortedTransactions: null,
  records: Buffer.concat(
    batches.map((batch, index) => batch.map((value, at) => (index === damaged && at === byte ? value ^ 1 : value))),
  ),
})

const offsetsOf = (read: readonly UnreadRecords<string, string>[]): number[] =>
  read.flatMap((batch) => Array.from({ length: batch.length }, (_, index) => batch.offsetAt(index)))

// A broker does not check these fields, so the decoder has to.
it.each([17, 23, 60, recordBatchHeaderBytes, recordBatchHeaderBytes + 5])(
  'compares each batch with its checksum, and gives out those before a damaged one (byte %d)',
  async (byte) => {
    await expect(decodeRecords(fetched(0, byte), 0, source)).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE' })
    for (const damaged of [1, 2]) {
      const { batches: read, nextOffset } = await decodeRecords(fetched(damaged, byte), 0, source)
      expect(offsetsOf(read)).toEqual([0, 1, 2, 3].slice(0, damaged * 2))
      expect(nextOffset).toBe(damaged * 2)
    }
    expect(offsetsOf((await decodeRecords(fetched(-1, byte), 0, source)).batches)).toHaveLength(6)
  },
)
