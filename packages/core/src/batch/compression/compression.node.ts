import '../../runtime/require-node.node.ts'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { errorOfCode } from '../../errors/error-of-code.ts'
import { yieldToEventLoop } from '../../runtime/event-loop.ts'
import { requireOptional } from '../../runtime/optional-package.node.ts'
import type { Codec, CodecTable, CompressionType } from './compression.ts'
import { inflateBy, statedGzipBytes, statedZstdBytes } from './inflate.node.ts'
import { countLz4Bytes, uncompressedLz4Bytes } from './lz4-frame.ts'
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

const gzipOptions = { level: 3 }
const zstdOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }
const gzipBeside = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip)
const zstdBeside = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdCompress)

const gzip: Codec = {
  compress: (bytes, beside) => (beside ? gzipBeside(bytes, gzipOptions) : zlib.gzipSync(bytes, gzipOptions)),
  decompress: inflateBy(zlib.gunzipSync, zlib.gunzip, statedGzipBytes),
}

/** A frame may ask for a window of 128 MiB. It takes no more memory than is written into it, so at most the content. */
const zstd: Codec = {
  compress: (bytes, beside) => (beside ? zstdBeside(bytes, zstdOptions) : zlib.zstdCompressSync(bytes, zstdOptions)),
  decompress: inflateBy(zlib.zstdDecompressSync, zlib.zstdDecompress, statedZstdBytes),
}

/** hysnappy is loaded with the first batch that needs it. */
function snappyCodec(): Codec {
  let loaded: Codec | undefined
  const load = async (): Promise<Codec> => (loaded ??= (await import('./snappy-framing.node.ts')).snappy)
  return {
    compress: (bytes, beside) =>
      loaded ? loaded.compress(bytes, beside) : load().then((snappy) => snappy.compress(bytes, beside)),
    decompress: (bytes, maxBytes, beside) =>
      loaded
        ? loaded.decompress(bytes, maxBytes, beside)
        : load().then((snappy) => snappy.decompress(bytes, maxBytes, beside)),
  }
}

/** The part of the package lz4-napi that we use. Both functions work in libuv's threads. */
interface Lz4Frames {
  compressFrame(bytes: Uint8Array): Promise<Uint8Array>
  decompressFrame(bytes: Uint8Array): Promise<Uint8Array>
}

/** The LZ4 frame format. The package has no limit, so we find out the length first. */
function lz4Codec(lz4: Lz4Frames): Codec {
  return {
    compress: (bytes) => lz4.compressFrame(bytes),
    async decompress(bytes, maxBytes, beside) {
      const length = beside ? await countedBeside(bytes, maxBytes) : uncompressedLz4Bytes(bytes, maxBytes)
      if (length > maxBytes) throw new UncompressedTooLong(maxBytes)
      return lz4.decompressFrame(bytes)
    },
  }
}

async function countedBeside(bytes: Uint8Array, enough: number): Promise<number> {
  for (const counting = countLz4Bytes(bytes, enough); ;) {
    const { done, value } = counting.next()
    if (done) return value
    await yieldToEventLoop()
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
