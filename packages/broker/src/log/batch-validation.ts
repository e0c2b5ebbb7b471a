import { KafkaError } from '@kafkado/core'
import {
  compressionTypes,
  producibleAttributes,
  type RecordBatchHeader,
  readRecordBatchHeader,
  recordBatchSize,
  verifyChecksum,
} from '@kafkado/core/internal'
import { Refusal } from '../refusals/refusal.ts'

const magicAt = 16
/** The end of the magic, which all formats have in the same place. */
const comparableBytes = 17
/** The shortest record of magic 0, behind its offset and length; Kafka takes anything shorter for damage. */
const leastOldBytes = 12 + 14

/** Checks the header of a producer's bytes for one partition: exactly one whole batch of magic 2, as Kafka requires. */
export function checkProducedBatch(records: Uint8Array, maxMessageBytes: number): RecordBatchHeader | Refusal {
  if (records.length > maxMessageBytes) {
    return new Refusal(
      'MESSAGE_TOO_LARGE',
      `the record batch has ${records.length} bytes, the topic takes ${maxMessageBytes} (max.message.bytes)`,
    )
  }
  if (isOfOldFormat(records))
    return new Refusal('INVALID_RECORD', `the record batch has magic ${records[magicAt]}, only 2 is taken`)
  const header = readHeader(records)
  if (header instanceof Refusal) return header
  const { sizeInBytes, recordsCount, lastOffsetDelta, isControl, isTransactional, compressionType } = header
  const { producerId, producerEpoch, baseSequence, timestampType } = header
  if (sizeInBytes !== records.length) {
    return new Refusal(
      'INVALID_RECORD',
      'a partition takes one record batch a request; ' +
        `after the first of ${sizeInBytes} bytes come ${records.length - sizeInBytes} more`,
    )
  }
  if (header.baseOffset !== 0)
    return new Refusal(
      'INVALID_RECORD',
      `a record batch begins at offset 0 until it has a place, not ${header.baseOffset}`,
    )
  if ((header.attributes & ~producibleAttributes) !== 0)
    return new Refusal(
      'INVALID_RECORD',
      `the record batch has the attributes ${header.attributes}, of which some bits mean nothing`,
    )
  if (recordsCount < 1 || lastOffsetDelta !== recordsCount - 1) {
    return new Refusal(
      'INVALID_RECORD',
      `the record batch says it has ${recordsCount} records and the last offset delta ${lastOffsetDelta}`,
    )
  }
  if (timestampType === 'logAppendTime') {
    const message = 'the record batch says that its time is that of the append, which the broker alone may say'
    return new Refusal('INVALID_TIMESTAMP', message)
  }
  if (isControl) return new Refusal('INVALID_RECORD', 'control records are written by the coordinator alone')
  if (isTransactional && (producerId < 0 || producerEpoch < 0))
    return new Refusal('INVALID_RECORD', 'the record batch is transactional and names no producer')
  if (producerId >= 0 && (producerEpoch < 0 || baseSequence < 0)) {
    return new Refusal(
      'INVALID_RECORD',
      `the record batch of producer ${producerId} has epoch ${producerEpoch} and sequence ${baseSequence}`,
    )
  }
  if (compressionType >= compressionTypes.length)
    return new Refusal('UNSUPPORTED_COMPRESSION_TYPE', `there is no compression type ${compressionType}`)
  return header
}

/** Whether it may be a batch of a format before magic 2. Any other that is not of magic 2 is damaged. */
function isOfOldFormat(records: Uint8Array): boolean {
  if (records.length < comparableBytes || (records[magicAt] !== 0 && records[magicAt] !== 1)) return false
  return recordBatchSize(new DataView(records.buffer, records.byteOffset, records.byteLength), 0) >= leastOldBytes
}

function readHeader(records: Uint8Array): RecordBatchHeader | Refusal {
  try {
    const header = readRecordBatchHeader(records)
    verifyChecksum(records, header)
    return header
  } catch (error) {
    if (KafkaError.is(error)) return new Refusal('CORRUPT_MESSAGE', error.message)
    throw error
  }
}
