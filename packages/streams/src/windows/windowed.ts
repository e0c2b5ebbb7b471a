import type { Serde } from '@kafkado/core'
import { appendLongs, readLong } from '../state/stored-bytes.ts'
import type { Window } from './windows.ts'

/** The key of a windowed result: a key and its window, in milliseconds since the epoch. */
export interface Windowed<K> {
  readonly key: K
  readonly start: number
  /** Not part of a tumbling or hopping window any more; the last moment of a sliding or session window. */
  readonly end: number
}

/**
 * Windowed keys as Kafka's serdes write them: the key and the start, of sessions the key, the end and the start.
 *
 * @param window tells the ends that are not written
 */
export function windowedSerde<K>(inner: Serde<K>, window: Window): Serde<Windowed<K>> {
  const serde = serdeFor(inner, window)
  windowBytes.set(serde, window.type === 'session' ? 16 : 8)
  return serde
}

const windowBytes = new WeakMap<object, number>()

/** The bytes of a written key by which its partition is chosen: those of the key itself, without its window. */
export function partitionedBytes(serde: Serde<unknown>, key: Uint8Array): Uint8Array {
  return key.subarray(0, key.length - (windowBytes.get(serde) ?? 0))
}

function serdeFor<K>(inner: Serde<K>, window: Window): Serde<Windowed<K>> {
  if (window.type === 'session') {
    return {
      serialize: ({ key, start, end }, context) => appendLongs(inner.serialize(key, context), end, start),
      deserialize(bytes, context) {
        const keyEnd = bytes.length - 16
        const [end, start] = [readLong(bytes, keyEnd), readLong(bytes, keyEnd + 8)]
        return { key: inner.deserialize(bytes.subarray(0, keyEnd), context), start, end }
      },
    }
  }
  const sizeMs = windowSizeOf(window)
  return {
    serialize: ({ key, start }, context) => appendLongs(inner.serialize(key, context), start),
    deserialize(bytes, context) {
      const keyEnd = bytes.length - 8
      const start = readLong(bytes, keyEnd)
      return { key: inner.deserialize(bytes.subarray(0, keyEnd), context), start, end: start + sizeMs }
    },
  }
}

/** From the start of a window to its end; of sessions, which differ, 0. */
export function windowSizeOf(window: Window): number {
  switch (window.type) {
    case 'tumbling':
    case 'hopping':
      return window.sizeMs
    case 'sliding':
      return window.differenceMs
    case 'unlimited':
      return Infinity
    case 'session':
      return 0
  }
}
