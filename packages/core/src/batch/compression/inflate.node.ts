import { promisify } from 'node:util'
import type { Codec } from './compression.ts'
import { UncompressedTooLong } from './uncompressed-too-long.ts'

interface Options {
  readonly maxOutputLength: number
  readonly chunkSize: number
  readonly info: true
}

/** The result of zlib with the option `info`, and the stream that made it. */
interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

type InflateSync = (bytes: Uint8Array, options: Options) => unknown
type Inflate = (bytes: Uint8Array, options: Options, done: (error: Error | null, result: Buffer) => void) => void

/** The pieces in which zlib returns what it unpacks, if it cannot know the length before. */
const pieceBytes = 64 * 1024

/**
 * Unpacks by one of zlib's functions, or beside the event loop, in libuv's threads, by the other.
 *
 * If the compressed bytes state what they unpack to, that much is reserved at once: each further piece would cost a
 * turn of the event loop, and the pieces a copy that takes as much memory again. The system gives out memory only when
 * it is used, so a statement that is too high takes no more; one that is too low makes us unpack in pieces.
 *
 * @param statedBytes what compressed bytes say of the result; never trusted, and undefined if they say nothing
 */
export function inflateBy(
  inflateSync: InflateSync,
  inflate: Inflate,
  statedBytes: (bytes: Uint8Array) => number | undefined,
): Codec['decompress'] {
  const inflateBeside = promisify(inflate)
  return (bytes, maxBytes, beside) => {
    const stated = statedBytes(bytes) ?? 0
    const pieces: Options = { maxOutputLength: maxBytes, chunkSize: pieceBytes, info: true }
    const whole: Options | undefined =
      stated < pieceBytes || stated > maxBytes
        ? undefined
        : { maxOutputLength: stated, chunkSize: stated + 1, info: true }
    const finish = (result: unknown): Uint8Array => {
      const { buffer, engine } = result as Inflated
      if (engine.bytesWritten !== bytes.length)
        throw new RangeError(`${bytes.length - engine.bytesWritten} bytes follow the compressed records`)
      return buffer
    }
    const refuse = (error: unknown): never => {
      throw isTooLong(error) ? new UncompressedTooLong(maxBytes) : error
    }
    if (beside) {
      const inPieces = (): Promise<unknown> => inflateBeside(bytes, pieces)
      const inflating = whole ? inflateBeside(bytes, whole).catch(orElse(inPieces)) : inPieces()
      return inflating.then(finish, refuse)
    }
    const inPieces = (): unknown => inflateSync(bytes, pieces)
    try {
      return finish(whole ? attempt(() => inflateSync(bytes, whole), orElse(inPieces)) : inPieces())
    } catch (error) {
      return refuse(error)
    }
  }
}

function orElse<T>(inPieces: () => T): (error: unknown) => T {
  return (error) => {
    if (isTooLong(error)) return inPieces()
    throw error
  }
}

function attempt<T>(inflate: () => T, orElse: (error: unknown) => T): T {
  try {
    return inflate()
  } catch (error) {
    return orElse(error)
  }
}

function isTooLong(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
}

/** The last four bytes of gzip are the length of its last member, modulo 2^32; there is seldom another member. */
export function statedGzipBytes(bytes: Uint8Array): number | undefined {
  if (bytes.length < 18) return undefined
  return viewOf(bytes).getUint32(bytes.length - 4, true)
}

const zstdMagic = 0xfd2fb528

/** The header of a zstd frame may hold the length of its content (RFC 8878, 3.1.1.1). There may be further frames. */
export function statedZstdBytes(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes)
  if (bytes.length < 18 || view.getUint32(0, true) !== zstdMagic) return undefined
  const descriptor = view.getUint8(4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] as number
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes
  const form = descriptor >>> 6
  if (form === 0) return isSingleSegment ? view.getUint8(at) : undefined
  if (form === 1) return view.getUint16(at, true) + 256
  return form === 2 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
