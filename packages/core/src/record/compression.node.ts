import * as zlib from 'node:zlib'
import { errorOfCode } from '../errors/error-of-code.ts'
import type { Codec, CodecTable, CompressionType } from './compression.ts'
import { snappyCodec } from './snappy-framing.ts'

/** Node's codecs: gzip and zstd are built in, snappy and lz4 come from optional packages that are loaded when first used. */
export const codecs: CodecTable = {
  gzip: () => gzip,
  zstd: () => zstd,
  snappy: async () => snappyCodec(await load('snappy', () => import('snappy'))),
  lz4: async () => lz4Codec(await load('lz4', () => import('lz4-napi'))),
}

const gzip: Codec = {
  compress: (bytes) => zlib.gzipSync(bytes, { level: 3 }),
  decompress: (bytes, maxBytes) => zlib.gunzipSync(bytes, { maxOutputLength: maxBytes }),
}

const zstd: Codec = {
  compress: (bytes) => zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }),
  decompress: (bytes, maxBytes) => zlib.zstdDecompressSync(bytes, { maxOutputLength: maxBytes }),
}

/** The part of the lz4-napi package that is used. */
interface Lz4Frames {
  compressFrame(bytes: Uint8Array): Promise<Uint8Array>
  decompressFrame(bytes: Uint8Array): Promise<Uint8Array>
}

/** The LZ4 frame format; a frame cannot grow more than 255-fold, and the result is checked against the limit. */
function lz4Codec(lz4: Lz4Frames): Codec {
  return {
    compress: (bytes) => lz4.compressFrame(bytes),
    decompress: (bytes) => lz4.decompressFrame(bytes),
  }
}

async function load<Module>(type: CompressionType, importModule: () => Promise<Module>): Promise<Module> {
  try {
    return await importModule()
  } catch (cause) {
    const name = type === 'lz4' ? 'lz4-napi' : type
    throw errorOfCode(
      'UNSUPPORTED_COMPRESSION_TYPE',
      { detail: `${type} compression needs the package '${name}', which could not be loaded: npm install ${name}` },
      { cause },
    )
  }
}
