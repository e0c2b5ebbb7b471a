import type { Codec, CodecTable } from './compression.ts'
import { UncompressedTooLong } from './uncompressed-too-long.ts'

/** Browsers and edge runtimes have only gzip, by the platform's own streams. */
export const codecs: CodecTable = { gzip: () => gzip }

const gzip: Codec = {
  compress: (bytes) => collect(through(bytes, new CompressionStream('gzip')), Number.POSITIVE_INFINITY),
  decompress: (bytes, maxBytes) => collect(through(bytes, new DecompressionStream('gzip')), maxBytes),
}

function through(bytes: Uint8Array, transform: CompressionStream | DecompressionStream): ReadableStream<Uint8Array> {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(transform)
}

async function collect(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    length += value.length
    if (length > maxBytes) {
      await reader.cancel()
      throw new UncompressedTooLong(maxBytes)
    }
  }
  const whole = new Uint8Array(length)
  let position = 0
  for (const chunk of chunks) {
    whole.set(chunk, position)
    position += chunk.length
  }
  return whole
}
