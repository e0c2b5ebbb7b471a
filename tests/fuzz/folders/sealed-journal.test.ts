import { StorageError } from '@kafkado/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderOf, historyOfJournal, type JournalHistory, openedOn } from './journal-history.ts'
import { sealJournal } from './seal-journal.ts'

/** What the target of the fuzzer looks for by chance, for each place where a decoder stands behind a checksum. */
let history: JournalHistory
beforeAll(async () => {
  history = await historyOfJournal()
})

/** What opening says once the files were changed and their checksums made right again; undefined if it opens. */
async function refusal(
  folder: number,
  change: (files: Map<string, Buffer>) => unknown,
): Promise<StorageError | undefined> {
  const files = new Map([...(history.folders[folder] ?? [])].map(([name, bytes]) => [name, Buffer.from(bytes)]))
  change(files)
  sealJournal(files)
  const storage = openedOn(folderOf(files))
  try {
    await storage.open()
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

  it('is refused when a directory refers to more than its file has, and reads no more than that', async () => {
    const refused = await refusal(1, double('1.checkpoint', 40, 2 ** 50))
    expect(refused?.message).toContain('the file 1.checkpoint in a simulated folder is damaged at byte')
  })
})
