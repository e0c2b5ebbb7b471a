import { codeOf, string } from '@kafkado/core'
import { assignOffset, compressionTypes } from '@kafkado/core/internal'
import { topicSettings } from '../../../packages/broker/src/settings/topic-settings.ts'
import { checkBatch } from '../../../packages/broker/src/log/record-validation.ts'
import { Unpacking } from '../../../packages/broker/src/log/unpacking.ts'
import { Refusal } from '../../../packages/broker/src/refusals/refusal.ts'
import { decodeRecords } from '../../../packages/consumer/src/fetch/record-decoder.ts'
import { batchesOfKafka, batchOf, changeBatch, plainBatches } from '../batches.ts'
import { joined } from '../mutator.ts'
import { expect, type Target } from '../target.ts'

/** The first byte tells which. */
const settings = [
  {},
  { 'compression.type': 'gzip' },
  { 'compression.type': 'uncompressed', 'max.message.bytes': '900' },
].map((configs) => topicSettings(configs as Record<string, string>))
const mostUnpackedBytes = 64 * 1024
const unpacking = new Unpacking()

const packed = await Promise.all(compressionTypes.map(async (compression) => batchOf({ compression }, 5)))
const source = { topic: 't', partition: 0, keySerde: string(), valueSerde: string(), commit: () => Promise.resolve() }

/** What a producer sends is refused, or every reader can read it. */
export const appends: Target = {
  name: 'appends',
  sources: ['broker/src/log/batch-validation', 'broker/src/log/record-validation', 'consumer/src/fetch/record-decoder'],
  seeds: [...plainBatches(), ...packed, ...batchesOfKafka()].map((batch, index) => joined(Uint8Array.of(index), batch)),
  change: (input, random) => joined(input.subarray(0, 1), changeBatch(input.subarray(1), random)),
  async run(input) {
    const own = settings[(input[0] ?? 0) % settings.length] as (typeof settings)[number]
    const checking = checkBatch(input.subarray(1), own, unpacking, mostUnpackedBytes)
    const checked = checking instanceof Promise ? await checking : checking
    if (checked instanceof Refusal) {
      expect(
        codeOf(checked.errorName) > 0 && checked.message.length > 10,
        `the refusal says nothing: ${checked.message}`,
      )
      return checked.message
    }
    const { bytes, header } = checked
    expect(bytes.length <= own.maxMessageBytes, 'a batch is kept that is longer than its topic takes')
    const placed = bytes.slice()
    assignOffset(placed, 1000, 0)
    const fetched = { records: placed, abortedTransactions: [] }
    const { batches, nextOffset } = await decodeRecords(fetched, 1000, source)
    const records = batches.flatMap((batch) =>
      Array.from({ length: batch.length }, (_, index) => batch.recordAt(index)),
    )
    expect(records.length === header.recordsCount, `${records.length} records are read of ${header.recordsCount}`)
    expect(nextOffset === 1000 + header.recordsCount, `the next offset is ${nextOffset}`)
    records.forEach((record, index) => {
      expect(record.offset === 1000 + index, `record ${index} has the offset ${record.offset}`)
      expect(record.rawHeaders.length >= 0, 'headers cannot be read')
    })
    return records.map(({ timestamp, rawKey, rawValue }) => [timestamp, rawKey, rawValue])
  },
}
