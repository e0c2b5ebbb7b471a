import { isKafkaError, KafkaError } from '@kafkado/core'
import {
  assignMaxTimestamp,
  compressionTypes,
  copyBytes,
  defaultMaxDecompressedBytes,
  filterRecordBatch,
  plainRecords,
  type RecordBatchHeader,
  RecordCheck,
  type RecordFacts,
  type UnpackedRecordBatch,
  yieldToEventLoop,
} from '@kafkado/core/internal'
import type { TopicSettings } from '../settings/topic-settings.ts'
import { Refusal } from '../refusals/refusal.ts'
import { checkProducedBatch } from './batch-validation.ts'
import { isTooLong, type Unpacking } from './unpacking.ts'

/** A verified batch, and the facts that an append needs. */
export interface CheckedBatch {
  /** As received, or converted for the topic. Not a copy: a producer may reuse its bytes. */
  readonly bytes: Uint8Array
  readonly header: RecordBatchHeader
  /** The least timestamp; Infinity if no record has one. */
  readonly minTimestamp: number
  readonly lacksKey: boolean
}

export type Checked = CheckedBatch | Refusal

/** How many times `max.message.bytes` the uncompressed records of a batch may take. */
const mostGrowth = 16
/** How many records are checked before others get their turn; about a millisecond's work. */
const recordsAtATime = 20_000

/**
 * Checks a batch for an append: the header, the checksum, and every record in it. Returns a promise if that takes long;
 * nothing changes before it resolves.
 *
 * @param unpacking of the engine
 * @param maxUncompressedBytes undefined for the default, which depends on the topic
 */
export function checkBatch(
  bytes: Uint8Array,
  settings: TopicSettings,
  unpacking: Unpacking,
  maxUncompressedBytes: number | undefined,
): Checked | Promise<Checked> {
  const limit = maxUncompressedBytes ?? Math.min(mostGrowth * settings.maxMessageBytes, defaultMaxDecompressedBytes)
  try {
    const header = checkProducedBatch(bytes, settings.maxMessageBytes)
    if (header instanceof Refusal) return header
    const checked = unpacking.use(bytes, header, limit, (unpacked) => {
      const looked = look(unpacked)
      if (!(looked instanceof Promise) && !isRecompressed(header, settings)) return corrected(bytes, looked)
      return finish(bytes, looked, settings)
    })
    return checked instanceof Promise ? checked.catch((error: unknown) => refusalOf(error, limit)) : checked
  } catch (error) {
    return refusalOf(error, limit)
  }
}

interface Looked {
  readonly unpacked: UnpackedRecordBatch
  readonly facts: RecordFacts
}

function look(unpacked: UnpackedRecordBatch): Looked | Promise<Looked> {
  const plain = unpacked.header.recordsCount <= recordsAtATime ? plainRecords(unpacked) : undefined
  if (plain) return { unpacked, facts: plain }
  const check = new RecordCheck(unpacked)
  if (!check.next(recordsAtATime)) return { unpacked, facts: check }
  const goOn = async (): Promise<Looked> => {
    do await yieldToEventLoop()
    while (check.next(recordsAtATime))
    return { unpacked, facts: check }
  }
  return goOn()
}

/** Corrects the greatest timestamp, as Kafka does, because searches by time use it. */
function corrected(bytes: Uint8Array, { unpacked: { header }, facts }: Looked): CheckedBatch {
  const { maxTimestamp, minTimestamp, lacksKey } = facts
  if (header.maxTimestamp === maxTimestamp) return { bytes, header, minTimestamp, lacksKey }
  const copy = copyBytes(bytes)
  assignMaxTimestamp(copy, maxTimestamp)
  return { bytes: copy, header: { ...header, maxTimestamp }, minTimestamp, lacksKey }
}

async function finish(bytes: Uint8Array, looking: Looked | Promise<Looked>, settings: TopicSettings): Promise<Checked> {
  const looked = await looking
  const { unpacked, facts } = looked
  if (!isRecompressed(unpacked.header, settings)) return corrected(bytes, looked)
  const kept = (await filterRecordBatch(unpacked, () => true, settings.compression)) as Uint8Array
  const { minTimestamp, lacksKey } = facts
  const header = checkProducedBatch(kept, settings.maxMessageBytes)
  return header instanceof Refusal ? header : { bytes: kept, header, minTimestamp, lacksKey }
}

/** Whether the topic keeps batches in another compression (`compression.type`). */
function isRecompressed({ compressionType }: RecordBatchHeader, { compression }: TopicSettings): boolean {
  return compression !== undefined && compressionType !== compressionTypes.indexOf(compression)
}

/** The checksum is right, so the producer sent faulty records; sending them again would not help. */
function refusalOf(error: unknown, limit: number): Refusal {
  if (!KafkaError.is(error)) throw error
  if (isTooLong(error)) {
    const message =
      `the records of the batch are longer than ${limit} bytes when they are unpacked ` + '(maxUncompressedBatchBytes)'
    return new Refusal('MESSAGE_TOO_LARGE', message)
  }
  const isUnsupported = isKafkaError(error, 'UNSUPPORTED_COMPRESSION_TYPE')
  return new Refusal(isUnsupported ? 'UNSUPPORTED_COMPRESSION_TYPE' : 'INVALID_RECORD', error.message)
}
