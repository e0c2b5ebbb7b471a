import { StorageError } from '@kafkado/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { ByteReader } from '../../../packages/broker/src/storage/journal/byte-reader.ts'
import { decodeDirectory } from '../../../packages/broker/src/storage/journal/checkpoint-directory.ts'
import type { TableChunk } from '../../../packages/broker/src/storage/journal/table-chunk.ts'
import { folderOf, historyOfJournal, type JournalHistory, openedOn } from './journal-history.ts'
import { sealJournal } from './seal-journal.ts'

/** What the target of the fuzzer looks for by chance, for each place where a decoder stands behind a checksum. */
let history: JournalHistory
beforeAll(async () => {
  history = await historyOfJournal()
})

/**
 * What opening, and then reading, says once the files were changed and their checksums made right again; undefined if
 * neither refuses anything.
 */
async function refusal(
  folder: number,
  change: (files: Map<string, Buffer>) => unknown,
  read?: (storage: ReturnType<typeof openedOn>) => unknown,
): Promise<StorageError | undefined> {
  const files = new Map([...(history.folders[folder] ?? [])].map(([name, bytes]) => [name, Buffer.from(bytes)]))
  change(files)
  sealJournal(files)
  const storage = openedOn(folderOf(files))
  try {
    await storage.open()
    read?.(storage)
    return undefined
  } catch (error) {
    if (!StorageError.is(error)) throw error
    return error
  } finally {
    await storage.close()
  }
}

const damagedAt = (file: string, byte: number): string =>
  `the file ${file} in a simulated folder is damaged at byte ${byte}:`

const double =
  (name: string, at: number, value: number) =>
  (files: Map<string, Buffer>): unknown =>
    files.get(name)?.writeDoubleLE(value, at)

/** The parts of the index of logs that a checkpoint lists. */
function chunksIn(checkpoint: Buffer): { readonly logId: number; readonly chunk: TableChunk }[] {
  const at = checkpoint.readDoubleLE(16)
  const { logs } = decodeDirectory(new ByteReader(checkpoint.subarray(at, at + checkpoint.readDoubleLE(24))))
  return [...logs].flatMap(([logId, tables]) => tables.flat().map((chunk) => ({ logId, chunk })))
}

const noCounts = [0.5, -1, 2 ** 53, 1e300, Number.NaN, Number.POSITIVE_INFINITY]

describe('a journal with right checksums that nobody has written', () => {
  it('is opened when nothing was changed', async () => {
    for (const [index] of history.folders.entries()) expect(await refusal(index, () => undefined)).toBeUndefined()
  })

  it.each([
    ['the start of a file', 0, '1.journal', 16],
    ['the first frame of a file', 0, '1.journal', 24],
    ['the sequence of a frame', 0, '1.journal', 80],
    ['the length of a payload', 0, '1.journal', 88],
    ['the place of a directory', 1, '1.checkpoint', 16],
    ['the length of a directory', 1, '1.checkpoint', 24],
    ['the place of metadata', 1, '1.checkpoint', 32],
    ['the length of metadata', 1, '1.checkpoint', 40],
  ])('is refused by the byte where %s is no count', async (_what, folder, file, at) => {
    for (const value of noCounts)
      expect((await refusal(folder, double(file, at, value)))?.message, `${value}`).toContain(damagedAt(file, at))
  })

  it('is refused when a payload is longer or shorter than its batches', async () => {
    for (const value of [1, 2 ** 40]) {
      const refused = await refusal(0, double('1.journal', 88, value))
      expect(refused?.message).toContain(damagedAt('1.journal', 64))
    }
  })

  it('is refused wherever the descriptor of a frame is cut off', async () => {
    const whole = history.folders[0]?.get('1.journal')?.readUInt32LE(76) as number
    expect(whole).toBeGreaterThan(50)
    for (let length = 0; length < whole; length++) {
      const refused = await refusal(0, (files) => files.get('1.journal')?.writeUInt32LE(length, 76))
      expect(refused?.message, `${length} bytes`).toContain(
        'the file 1.journal in a simulated folder is damaged at byte',
      )
    }
  })

  it('is refused wherever a directory is cut off, and when it is longer than its file', async () => {
    const whole = history.folders[1]?.get('1.checkpoint')?.readDoubleLE(24) as number
    expect(whole).toBeGreaterThan(50)
    for (const length of [...Array.from({ length: whole }, (_, index) => index), 2 ** 20, 2 ** 40, 2 ** 53 - 1]) {
      const refused = await refusal(1, double('1.checkpoint', 24, length))
      expect(refused?.message, `${length} bytes`).toContain(
        'the file 1.checkpoint in a simulated folder is damaged at byte',
      )
    }
  })

  it('is refused wherever metadata are cut off, but between two records', async () => {
    const checkpoint = history.folders[1]?.get('1.checkpoint') as Buffer
    const [at, whole] = [checkpoint.readDoubleLE(32), checkpoint.readDoubleLE(40)]
    const opened: number[] = []
    for (let length = 1; length < whole - 8; length++) {
      const refused = await refusal(1, (files) => {
        files.get('1.checkpoint')?.writeUInt32LE(length, at)
        files.get('1.checkpoint')?.writeDoubleLE(8 + length, 40)
      })
      if (!refused) opened.push(length)
      else expect(refused.message).toContain('the file 1.checkpoint in a simulated folder is damaged at byte')
    }
    expect(opened.length).toBeLessThan(4)
  })

  it('is new when no file is there, and what was acknowledged are no counts', async () => {
    const alone =
      (at: number, value: number) =>
      (files: Map<string, Buffer>): void => {
        for (const name of files.keys()) if (name !== 'acknowledged') files.delete(name)
        files.get('acknowledged')?.writeDoubleLE(value, at)
      }
    expect((await refusal(0, alone(8, 3)))?.message).toContain('3 frames were written, and no file has them')
    for (const at of [8, 16])
      for (const value of noCounts) expect(await refusal(0, alone(at, value)), `${value}`).toBeUndefined()
  })

  it('is refused when a directory refers to more than its file has, and reads no more than that', async () => {
    const refused = await refusal(1, double('1.checkpoint', 40, 2 ** 50))
    expect(refused?.message).toContain('the file 1.checkpoint in a simulated folder is damaged at byte')
  })

  it.each([
    ['key of a batch', 'batches', 0, [...noCounts, 100]],
    ['address of a batch', 'batches', 1, [...noCounts, 0, 63, 2 ** 20]],
    ['length of a batch', 'batches', 2, [...noCounts, 2 ** 20]],
    ['key of an entry', 'index', 0, [...noCounts, 100]],
    ['timestamp of an entry', 'index', 1, [0.5, -2, Number.NaN, Number.POSITIVE_INFINITY]],
    ['position of an entry', 'index', 2, noCounts],
  ] as const)('is refused by the byte where a checkpoint has an impossible %s', async (_what, kind, column, values) => {
    const whole = history.folders[1]?.get('1.checkpoint') as Buffer
    const chunks = chunksIn(whole).filter(({ chunk }) => chunk.kind === kind)
    expect(chunks.length).toBeGreaterThan(1)
    for (const { logId, chunk } of chunks) {
      const { place, rows } = chunk as { place: NonNullable<TableChunk['place']>; rows: number }
      // The smallest number of each column lies before its rows, which are counted from it.
      const at = place.position + 8 + column * (8 + 4 * rows)
      const read = (storage: ReturnType<typeof openedOn>): unknown[] => [
        storage.readBatches(logId, 0, 1e9, 1e9, true),
        storage.indexEntryBeforeTimestamp(logId, 1e9),
      ]
      expect(whole[place.position], 'every column is narrow').toBe(7)
      expect(await refusal(1, () => undefined, read)).toBeUndefined()
      for (const value of values) {
        const refused = await refusal(1, double('1.checkpoint', at, value), read)
        expect(refused?.message, `${kind} of log ${logId}, ${value}`).toContain(
          damagedAt('1.checkpoint', place.position),
        )
      }
    }
  })
})
