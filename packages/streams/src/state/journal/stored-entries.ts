import type { StoreIndex } from './journal-state.ts'
import type { RecordReader } from './record-reader.ts'

/** The entries of a store in the order of the files, which are read from front to back. */
export function* storedEntries(
  store: StoreIndex,
  records: RecordReader,
): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  const { index } = store
  const addresses = new Float64Array(index.size)
  let count = 0
  index.forEach((_, address) => (addresses[count++] = address))
  addresses.sort()
  for (const { key, value } of records.inOrder(addresses, store)) yield [new Uint8Array(key), new Uint8Array(value)]
}
