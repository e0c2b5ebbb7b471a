import { type CompressionType, KafkaError } from '@kafkado/core'
import { compressionTypes, filterRecordBatch, readRecordBatchHeader, unpackRecordBatch } from '@kafkado/core/internal'
import { configValue, isCompacted } from '../topic/topic-config.ts'
import type { Topic } from '../topic/topic-registry.ts'
import { BatchRefusal, checkProducedBatch } from './batch-validation.ts'

/** The topics on which batches are being prepared: one after the other, so that those of a producer keep their order. */
const preparing = new WeakMap<Topic, Promise<unknown>>()

/** Whether the topic asks for something that cannot be seen in the header of a batch. */
export function needsPreparation(topic: Topic, records: Uint8Array): boolean {
  if (isCompacted(topic.configs)) return true
  const wanted = wantedCompression(topic)
  return wanted !== undefined && (records[22] as number) % 8 !== compressionTypes.indexOf(wanted)
}

/**
 * Looks into the records of a batch and compresses them as the topic says (`compression.type`).
 *
 * @returns the batch to append, or why it is not
 */
export function prepareRecords(topic: Topic, records: Uint8Array): Promise<Uint8Array | BatchRefusal> {
  const prepare = (): Promise<Uint8Array | BatchRefusal> =>
    prepared(topic, records).catch((error: unknown) => {
      if (error instanceof BatchRefusal) return error
      if (KafkaError.is(error)) return new BatchRefusal('CORRUPT_MESSAGE', error.message)
      throw error
    })
  const result = (preparing.get(topic) ?? Promise.resolve()).then(prepare)
  preparing.set(
    topic,
    result.catch(() => undefined),
  )
  return result
}

async function prepared(topic: Topic, records: Uint8Array): Promise<Uint8Array> {
  const maxBytes = Number(configValue(topic.configs, 'max.message.bytes'))
  checkProducedBatch(records, maxBytes)
  const header = readRecordBatchHeader(records)
  const needsKeys = isCompacted(topic.configs)
  const filtered = filterRecordBatch(
    await unpackRecordBatch(records, header),
    (_bytes, _offset, keyStart) => {
      if (needsKeys && keyStart < 0) {
        throw new BatchRefusal(
          'INVALID_RECORD',
          `topic '${topic.name}' is compacted (cleanup.policy), so every record needs a key`,
        )
      }
      return true
    },
    wantedCompression(topic),
  )
  return (await filtered) ?? records
}

function wantedCompression(topic: Topic): CompressionType | undefined {
  const wanted = configValue(topic.configs, 'compression.type')
  if (wanted === 'producer') return undefined
  return wanted === 'uncompressed' ? 'none' : (wanted as CompressionType)
}
