import { KafkaError } from '@kafkado/core'
import { compressionTypes, filterRecordBatch, readRecordBatchHeader, unpackRecordBatch } from '@kafkado/core/internal'
import type { Topic } from '../topic/topic-registry.ts'
import { BatchRefusal, checkProducedBatch } from './batch-validation.ts'

/** The topics on which batches are being prepared: one after the other, so that those of a producer keep their order. */
const preparing = new WeakMap<Topic, Promise<unknown>>()

/** Whether the topic asks for something that cannot be seen in the header of a batch. */
export function needsPreparation(topic: Topic, records: Uint8Array): boolean {
  const { isCompacted, compression } = topic.settings
  if (isCompacted) return true
  return compression !== undefined && (records[22] as number) % 8 !== compressionTypes.indexOf(compression)
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
  const { isCompacted, compression, maxMessageBytes } = topic.settings
  checkProducedBatch(records, maxMessageBytes)
  const header = readRecordBatchHeader(records)
  const filtered = filterRecordBatch(
    await unpackRecordBatch(records, header),
    (_bytes, _offset, keyStart) => {
      if (isCompacted && keyStart < 0) {
        throw new BatchRefusal(
          'INVALID_RECORD',
          `topic '${topic.name}' is compacted (cleanup.policy), so every record needs a key`,
        )
      }
      return true
    },
    compression,
  )
  return (await filtered) ?? records
}
