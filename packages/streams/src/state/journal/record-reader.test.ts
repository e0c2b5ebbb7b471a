import { StorageError } from '@kafkado/core'
import { expect, it, vi } from 'vitest'
import type { JournalFile } from './journal-folder.ts'
import { JournalFiles, type StateFile } from './journal-files.ts'
import { addressOf } from './key-index.ts'
import { RecordReader } from './record-reader.ts'

const key = Buffer.from('key')

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
const looks: Readonly<Record<string, (records: RecordReader, address: number) => unknown>> = {
  value: (records, address) => records.value(address, 1, key),
  length: (records, address) => records.recordLength(address, 1, key),
  entries: (records, address) => [...records.inOrder(Float64Array.of(address))],
}

it.each(Object.entries(looks))('names file and byte of a record that is not there any more: its %s', (_, look) => {
  for (const [what, readSync] of reads) {
    const [files, onDamage] = [new JournalFiles(), vi.fn()]
    files.add(stateFile(7, readSync))
    const records = new RecordReader(files, '/state', onDamage)
    expect(() => look(records, addressOf(0, 321)), what).toThrow(StorageError)
    expect(() => look(records, addressOf(0, 321))).toThrow(/the file 7\.state in the folder \/state .* at byte 321/)
    expect(onDamage).toHaveBeenCalledTimes(2)
  }
})

it.each(Object.entries(looks))('names the file that was given up, and the byte in it, of its %s', (_, look) => {
  const [files, onDamage] = [new JournalFiles(), vi.fn()]
  const file = stateFile(7, () => 0)
  files.add(file)
  files.remove(file)
  const records = new RecordReader(files, '/state', onDamage)
  const read = (): unknown => look(records, addressOf(0, 321))
  expect(read).toThrow(StorageError)
  expect(read).toThrow(/the file 7\.state in the folder \/state .* at byte 321: it was given up/)
  expect(onDamage).toHaveBeenCalledTimes(2)
})
