import type { Header } from '@kafkado/core/internal'
import { requireBytes } from './stored-bytes.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** `length of all (4)`, and of each header `length (4) · name · length, or −1 for null (4) · value`. */
export function headerBytes(headers: readonly Header[]): Uint8Array {
  const parts = headers.flatMap(([name, value]) => [
    encoder.encode(name),
    typeof value === 'string' ? encoder.encode(value) : value,
  ])
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + (part?.length ?? 0), 4))
  const view = new DataView(bytes.buffer)
  view.setInt32(0, bytes.length - 4)
  let position = 4
  for (const part of parts) {
    view.setInt32(position, part?.length ?? -1)
    if (part) bytes.set(part, position + 4)
    position += 4 + (part?.length ?? 0)
  }
  return bytes
}

/** @throws RangeError when the bytes end before they do */
export function readHeaders(bytes: Uint8Array, start: number): { headers: Header[]; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = start
  const length = (): number => {
    requireBytes(bytes, position + 4)
    position += 4
    return view.getInt32(position - 4)
  }
  const part = (): Uint8Array | null => {
    const size = length()
    if (size < 0) return null
    requireBytes(bytes, position + size)
    position += size
    return bytes.slice(position - size, position)
  }
  const size = length()
  const end = position + Math.max(size, 0)
  const headers: Header[] = []
  while (position < end) headers.push([decoder.decode(part() ?? undefined), part()])
  return { headers, end: position }
}
