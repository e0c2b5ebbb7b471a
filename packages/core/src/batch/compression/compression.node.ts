import '../../runtime/require-node.node.ts'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { errorOfCode } from '../../errors/error-of-code.ts'
import { requireOptional } from '../../runtime/optional-package.node.ts'
import type { Codec, CodecTable, CompressionType } from './compression.ts'
import { uncompressedLz4Bytes } from './lz4-frame.ts'
import { UncompressedTooLong } from './uncompressed-too-long.ts'

/**
 * Node's codecs: gzip and zstd are built in, snappy is compiled to WebAssembly, and lz4 comes from an optional package.
 * Both packages are loaded when first used.
 */
export const codecs: CodecTable = {
  gzip: () => gzip,
  zstd: () => zstd,
  snappy: snappyCodec,
  lz4: () => lz4Codec(load('lz4', 'lz4-napi') as Lz4Frames),
}

/** The result of zlib with the option `info`, and the stream that made it. */
interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

type Options = { readonly maxOutputLength: number; readonly info: true }

const gzip: Codec = {
  compress: (bytes) => zlib.gzipSync(bytes, { level: 3 }),
  decompress: inflateBy(zlib.gunzipSync, zlib.gunzip),
}

const zstd: Codec = {
  compress: (bytes) => zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }),
  decompress: inflateBy(zlib.zstdDecompressSync, zlib.zstdDecompress),
}

function inflateBy(
  inflateSync: (bytes: Uint8Array, options: Options) => unknown,
  inflate: (bytes: Uint8Array, options: Options, done: (error: Error | null, result: Buffer) => void) => void,
): Codec['decompress'] {
  const inflateBeside = promisify(inflate)
  return (bytes, maxBytes, beside) => {
    const options = { maxOutputLength: maxBytes, info: true } as const
    const finish = (result: unknown): Uint8Array => {
      const { buffer, engine } = result as Inflated
      if (engine.bytesWritten !== bytes.length)
        throw new RangeError(`${bytes.length - engine.bytesWritten} bytes follow the compressed records`)
      return buffer
    }
    const refuse = (error: unknown): never => {
      const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      throw isTooLong ? new UncompressedTooLong(maxBytes) : error
    }
    if (beside) return inflateBeside(bytes, options).then(finish, refuse)
    try {
      return finish(inflateSync(bytes, options))
    } catch (error) {
      return refuse(error)
    }
  }
}

function snappyCodec(): Codec {
  let loaded: Codec | undefined
  const load = async (): Promise<Codec> => (loaded ??= (await import('./snappy-framing.node.ts')).snappy)
  return {
    compress: (bytes) => (loaded ? loaded.compress(bytes) : load().then((snappy) => snappy.compress(bytes))),
    decompress: (bytes, maxBytes, beside) =>
      loaded
        ? loaded.decompress(bytes, maxBytes, beside)
        : load().then((snappy) => snappy.decompress(bytes, maxBytes, beside)),
  }
}

/** The part of the package lz4-napi that we use. */
interface Lz4Frames {
  compressFrame(bytes: Uint8Array): Promise<Uint8Array>
  decompressFrame(bytes: Uint8Array): Promise<Uint8Array>
}

/** The LZ4 frame format. The package has no limit, so we find out the length first. */
function lz4Codec(lz4: Lz4Frames): Codec {
  return {
    compress: (bytes) => lz4.compressFrame(bytes),
    decompress: (bytes, maxBytes) => {
      if (uncompressedLz4Bytes(bytes, maxBytes) > maxBytes) throw new UncompressedTooLong(maxBytes)
      return lz4.decompressFrame(bytes)
    },
  }
}

function load(type: CompressionType, name: string): unknown {
  try {
    return requireOptional(name, import.meta.url)
  } catch (cause) {
    throw errorOfCode(
      'UNSUPPORTED_COMPRESSION_TYPE',
      { detail: `${type} compression needs the package '${name}', which could not be loaded: npm install ${name}` },
      { cause },
    )
  }
}
