import type { Serde } from '@kafkado/core'
import { appendLongs, readLong } from '../state/stored-bytes.ts'
import type { Window } from './windows.ts'

/** The key of a windowed result: a key and its window, in milliseconds since the epoch. */
export interface Windowed<K> {
  readonly key: K
  readonly start: number
  /** The first moment after a tumbling or hopping window; the last moment of a sliding or session window. */
  readonly end: number
}

/**
 * The serde of windowed keys, as in Kafka: the key and the start; for sessions the key, the end and the start.
 *
 * @param window tells the ends that are not written
 */
export function windowedSerde<K>(inner: Serde<K>, window: Window): Serde<Windowed<K>> {
  const serde = serdeFor(inner, window)
  windowBytes.set(serde, window.type === 'session' ? 16 : 8)
  return serde
}

const windowBytes = new WeakMap<object, number>()

/** The part of a serialised key that decides its partition: the key itself, without its window. */
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

/** The length of a window; 0 for sessions, whose lengths differ. */
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
