import type { StoreDefinition } from './store-definition.ts'
import { appendLongs, readLong, readSequence, windowStoreKey } from './stored-bytes.ts'

export interface WindowBounds {
  readonly start: number
  readonly end: number
  readonly sequence: number
}

/** The key of a window or session, as in its changelog. */
export function encodeWindowKey({ kind }: StoreDefinition, key: Uint8Array, bounds: WindowBounds): Uint8Array {
  return kind === 'session'
    ? appendLongs(key, bounds.end, bounds.start)
    : windowStoreKey(key, bounds.start, bounds.sequence)
}

/** A key that no window has. The changelog keeps the latest time under it, if no change has that time. */
export function timeKeyOf(definition: StoreDefinition): Uint8Array {
  return encodeWindowKey(definition, new Uint8Array(), { start: -1, end: -1, sequence: -1 })
}

export function decodeWindowKey(
  { kind, windowSizeMs }: StoreDefinition,
  stored: Uint8Array,
): WindowBounds & { keyBytes: Uint8Array } {
  const { length } = stored
  if (kind === 'session') {
    const [end, start] = [readLong(stored, length - 16), readLong(stored, length - 8)]
    return { keyBytes: stored.subarray(0, length - 16), start, end, sequence: 0 }
  }
  const start = readLong(stored, length - 12)
  return { keyBytes: stored.subarray(0, length - 12), start, end: start + windowSizeMs, sequence: readSequence(stored) }
}
