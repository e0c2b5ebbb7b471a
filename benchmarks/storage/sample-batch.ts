import { RecordBatchBuilder } from '@kafkado/core/internal'

/** A batch of so many records of 200 bytes. */
export function batchOf(records: number): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (let index = 0; index < records; index++)
    builder.append({ timestamp: Date.UTC(2026, 10, 24), key: `key-${index}`, value: 'x'.repeat(190), headers: [] })
  return builder.build() as Uint8Array
}
