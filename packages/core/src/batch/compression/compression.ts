import { codecs } from '#compression'
import { errorOfCode } from '../../errors/error-of-code.ts'
import { corrupt } from '../format/corrupt.ts'
import { KafkaError } from '../../errors/kafka-error.ts'

/** The codecs of Kafka, at the place of their number in a batch's attributes. */
export const compressionTypes = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type CompressionType = (typeof compressionTypes)[number]

/** One compression codec as a runtime has it. A promise where the platform only offers that. */
export interface Codec {
  compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
  /**
   * Fails when the bytes are not wholly what the codec wrote, and with UncompressedTooLong as soon as the result would
   * be longer than `maxBytes`.
   *
   * @param beside whether the event loop may go on meanwhile, where that is possible
   */
  decompress(bytes: Uint8Array, maxBytes: number, beside: boolean): Uint8Array | Promise<Uint8Array>
}

export type CodecTable = Partial<Record<CompressionType, () => Codec>>

/** @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE when this runtime does not have the codec */
export function compress(type: CompressionType, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
  return codecNamed(type).compress(bytes)
}

/**
 * @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE when this runtime does not have the codec; CORRUPT_MESSAGE when the
 *   bytes are not what the codec wrote, or, with an UncompressedTooLong as the cause, when they become longer than
 *   `maxBytes`
 */
export function decompress(
  typeNumber: number,
  bytes: Uint8Array,
  maxBytes: number,
  beside = false,
): Uint8Array | Promise<Uint8Array> {
  const type = compressionTypes[typeNumber]
  if (type === undefined) throw corrupt(`a record batch names compression ${typeNumber}, which does not exist`)
  const refuse = (error: unknown): never => {
    throw KafkaError.is(error)
      ? error
      : corrupt(`a record batch cannot be decompressed as ${type}: ${String(error)}`, error)
  }
  const codec = codecNamed(type)
  try {
    const unpacked = codec.decompress(bytes, maxBytes, beside)
    return unpacked instanceof Uint8Array ? unpacked : unpacked.catch(refuse)
  } catch (error) {
    return refuse(error)
  }
}

const loaded = new Map<CompressionType, Codec>()

function codecNamed(type: CompressionType): Codec {
  const ready = loaded.get(type)
  if (ready) return ready
  const load = codecs[type]
  if (!load) {
    throw errorOfCode('UNSUPPORTED_COMPRESSION_TYPE', {
      detail: `${type} compression is not available in this runtime; gzip works everywhere`,
    })
  }
  const codec = load()
  loaded.set(type, codec)
  return codec
}
