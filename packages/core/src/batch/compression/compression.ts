import { codecs } from '#compression'
import { errorOfCode } from '../../errors/error-of-code.ts'
import { corrupt } from '../format/corrupt.ts'
import { KafkaError } from '../../errors/kafka-error.ts'

/** Kafka's codecs. The index of each is its number in a batch's attributes. */
export const compressionTypes = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type CompressionType = (typeof compressionTypes)[number]

/** One compression codec of a runtime. It returns a promise only if the platform does. */
export interface Codec {
  /** @param beside whether the event loop may continue meanwhile, if the codec can do that */
  compress(bytes: Uint8Array, beside: boolean): Uint8Array | Promise<Uint8Array>
  /**
   * Fails when the bytes are not exactly one output of the codec, and with UncompressedTooLong as soon as the result
   * would be longer than `maxBytes`.
   *
   * @param beside whether the event loop may continue meanwhile, if the codec can do that
   */
  decompress(bytes: Uint8Array, maxBytes: number, beside: boolean): Uint8Array | Promise<Uint8Array>
}

export type CodecTable = Partial<Record<CompressionType, () => Codec>>

/** @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE when this runtime lacks the codec */
export function compress(type: CompressionType, bytes: Uint8Array, beside = false): Uint8Array | Promise<Uint8Array> {
  return codecNamed(type).compress(bytes, beside)
}

/**
 * @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE when this runtime lacks the codec; CORRUPT_MESSAGE when the bytes are
 *   not the codec's output, or, with an UncompressedTooLong as the cause, when the result becomes longer than
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
