import { StorageError } from '@kafkado/core'
import { expect, it, vi } from 'vitest'
import type { JournalFile } from './journal-folder.ts'
import { FrameWriter } from './frame.ts'
import { JournalFiles, type StateFile } from './journal-files.ts'
import type { StoreIndex } from './journal-state.ts'
import { hashOfKey } from './key-hash.ts'
import { addressOf, KeyIndex, nowhere } from './key-index.ts'
import { RecordReader } from './record-reader.ts'

const key = Buffer.from('key')
const seed = 5
const address = addressOf(0, 321)

/** A store whose index has the key at the address. */
function storeOf(hash = hashOfKey(key, seed)): StoreIndex {
  const index = new KeyIndex()
  index.change(hash, nowhere, address)
  return { name: 'store', number: 1, index }
}

function stateFile(number: number, readSync: JournalFile['readSync']): StateFile {
  const nothing = (): Promise<void> => Promise.resolve()
  const none = (): Promise<number> => Promise.resolve(0)
  const calls = { length: none, write: nothing, read: none, truncate: nothing, sync: nothing, close: nothing }
  const state = { headBytes: 0, length: 1000, checksum: 0, lastFrameAt: 0, liveBytes: 0, isUnsynced: false }
  return { number, id: number, nonce: number, file: { ...calls, readSync }, ...state }
}

const reads: readonly (readonly [string, JournalFile['readSync']])[] = [
  ['has no end', () => 0],
  ['holds zeros', (bytes) => bytes.fill(0).length],
  ['holds something else', (bytes) => bytes.fill(255).length],
  ['ends within the record', (bytes) => Math.min(20, bytes.fill(1).length)],
]
const looks: Readonly<Record<string, (records: RecordReader, store: StoreIndex) => unknown>> = {
  value: (records, store) => records.value(address, store, key)?.toString(),
  length: (records, store) => records.recordLength(address, store, key),
  entries: (records, store) => [...records.inOrder(Float64Array.of(address), store)].length,
}

it.each(Object.entries(looks))('names file and byte of a record that is not there any more: its %s', (_, look) => {
  for (const [what, readSync] of reads) {
    const [files, onDamage] = [new JournalFiles(), vi.fn()]
    files.add(stateFile(7, readSync))
    const records = new RecordReader(files, seed, '/state', onDamage)
    expect(() => look(records, storeOf()), what).toThrow(StorageError)
    expect(() => look(records, storeOf())).toThrow(/the file 7\.state in the folder \/state .* at byte 321/)
    expect(onDamage).toHaveBeenCalledTimes(2)
  }
})

it.each(Object.entries(looks))('names the file that was given up, and the byte in it, of its %s', (_, look) => {
  const [files, onDamage] = [new JournalFiles(), vi.fn()]
  const file = stateFile(7, () => 0)
  files.add(file)
  files.remove(file)
  const records = new RecordReader(files, seed, '/state', onDamage)
  const read = (): unknown => look(records, storeOf())
  expect(read).toThrow(StorageError)
  expect(read).toThrow(/the file 7\.state in the folder \/state .* at byte 321: it was given up/)
  expect(onDamage).toHaveBeenCalledTimes(2)
})

/** A file that has this record at the address, and zeros behind it. */
function readsOf(...[store, name, value]: readonly [number, Uint8Array, Uint8Array | null]): JournalFile['readSync'] {
  const frame = new FrameWriter()
  const at = frame.add(store, { fileId: 0, offset: 0 }, name, value)
  const record = Buffer.from(frame.finish(0).subarray(at))
  return (bytes) => {
    bytes.fill(0)
    return Math.max(record.copy(bytes), bytes.length)
  }
}

const value = Buffer.from('value')
const others: readonly (readonly [string, JournalFile['readSync']])[] = [
  ['another store', readsOf(2, key, value)],
  ['another key', readsOf(1, Buffer.from('yek'), value)],
  ['a longer key', readsOf(1, Buffer.from('keys'), value)],
  ['the removal of the key', readsOf(1, key, null)],
  ['the removal of another key', readsOf(1, Buffer.from('yek'), null)],
]

it.each(Object.entries(looks))('names file and byte of a whole record that belongs elsewhere: its %s', (_, look) => {
  for (const [what, readSync] of [['the record', readsOf(1, key, value)] as const, ...others]) {
    const [files, onDamage] = [new JournalFiles(), vi.fn()]
    files.add(stateFile(7, readSync))
    const records = new RecordReader(files, seed, '/state', onDamage)
    if (what === 'the record') expect(look(records, storeOf())).toBeTruthy()
    else
      expect(() => look(records, storeOf()), what).toThrow(
        /the file 7\.state in the folder \/state .* at byte 321: the record there is another one than the index says/,
      )
    expect(onDamage).toHaveBeenCalledTimes(what === 'the record' ? 0 : 1)
  }
})

it.each(Object.entries(looks))('takes nothing behind the end of a file for a record of it: its %s', (_, look) => {
  const [files, onDamage] = [new JournalFiles(), vi.fn()]
  files.add({ ...stateFile(7, readsOf(1, key, value)), length: 325 })
  const records = new RecordReader(files, seed, '/state', onDamage)
  expect(() => look(records, storeOf())).toThrow(/the file 7\.state .* at byte 321: it is not what was written/)
  expect(onDamage).toHaveBeenCalledTimes(1)
})

it('knows another key of the same hash from damage', () => {
  const [files, onDamage] = [new JournalFiles(), vi.fn()]
  const other = Buffer.from('yek')
  files.add(stateFile(7, readsOf(1, other, value)))
  const records = new RecordReader(files, seed, '/state', onDamage)
  // As if both had the hash of the one that is there.
  const store = storeOf(hashOfKey(other, seed))
  expect(records.value(address, store, key)).toBeUndefined()
  expect(records.recordLength(address, store, key)).toBeUndefined()
  expect(onDamage).not.toHaveBeenCalled()
})
