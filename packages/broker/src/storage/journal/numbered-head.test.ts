import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StorageError } from '@kafkado/core'
import { crc32c } from '@kafkado/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkpointName, encodeCheckpointHead, readCheckpointHead } from './checkpoint-head.ts'
import { journalName, makeJournalFile, readFileHead } from './file-head.ts'
import { NodeFolder } from './node-folder.ts'

let path: string
let folder: NodeFolder

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'kafkado-heads-'))
  folder = new NodeFolder(path)
})
afterEach(() => rm(path, { recursive: true }))

const journalHead = { number: 3, nonce: 7, start: 2 ** 40, firstSequence: 12 }
const checkpointHead = { directoryCrc: 9, directoryAt: 64, directoryBytes: 100, metadataAt: 2 ** 33, metadataBytes: 5 }

const kinds = {
  'a journal file': {
    name: journalName(3),
    head: journalHead,
    write: async () => (await makeJournalFile(folder, journalHead)).close(),
    read: readFileHead,
  },
  'a checkpoint': {
    name: checkpointName(3),
    head: checkpointHead,
    write: () => writeFile(join(path, checkpointName(3)), encodeCheckpointHead(3, checkpointHead)),
    read: readCheckpointHead,
  },
}

/** Changes a byte, and the checksum with it where it is still right to be so. */
const withByte = (at: number, value: number, isSealed: boolean) => (bytes: Buffer) => {
  bytes[at] = value
  if (isSealed) bytes.writeUInt32LE(crc32c(bytes, 0, 60), 60)
  return bytes
}

describe.each(Object.entries(kinds))('the head of %s', (what, { name, head, write, read }) => {
  const readAgain = async (change: (bytes: Buffer) => Buffer): Promise<unknown> => {
    await write()
    await writeFile(join(path, name), change(await readFile(join(path, name))))
    const file = folder.open(name, 'synced')
    try {
      return read(folder, 3, file)
    } finally {
      file.close()
    }
  }

  it('is read as it was written', async () => {
    expect(await readAgain((bytes) => bytes)).toEqual(head)
  })

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['cut off', (bytes) => bytes.subarray(0, 63), 'it ends within its head of 64 bytes'],
    ['of something else', withByte(3, 0, true), `it does not begin with the head of ${what}`],
    ['with a wrong bit', withByte(20, 255, false), `it does not begin with the head of ${what}`],
    ['of a later format', withByte(7, 0x32, true), 'it has the format 2, and this version of kafkado reads format 1'],
    ['of another number', withByte(8, 4, true), `it is the file ${name.replace('3', '4')} by another name`],
  ])('is refused when it is %s', async (_how, change, says) => {
    const refused = await readAgain(change).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StorageError)
    expect(String(refused)).toContain(says)
    expect(String(refused)).toContain(name)
  })
})
