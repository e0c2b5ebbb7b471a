import type { StoreIndex } from './journal-state.ts'
import type { RecordReader } from './record-reader.ts'

/**
 * The entries of a store in the order of the bytes of their keys. The keys are read and sorted when the first is asked
 * for; each value is read when it has its turn, and is the one that the key has then. So memory holds no values.
 */
export function* sortedEntries(
  store: StoreIndex,
  records: RecordReader,
  get: (key: Uint8Array) => Uint8Array | undefined,
): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  const addresses = new Float64Array(store.index.size)
  let count = 0
  store.index.forEach((_, address) => (addresses[count++] = address))
  // In the order in which they lie there.
  addresses.sort()
  // Each unit of such a string is a byte, so their order is that of the bytes; and they take a fraction of the memory.
  const keys = Array.from(addresses, (address) => records.key(address).toString('latin1'))
  keys.sort()
  for (const text of keys) {
    const key = new Uint8Array(Buffer.from(text, 'latin1'))
    const value = get(key)
    if (value) yield [key, value]
  }
}
