import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StorageError } from '@kafkado/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CheckpointFiles } from './checkpoint-files.ts'
import { readMetadataSection, writeMetadata } from './checkpoint-metadata.ts'
import { JournalFiles } from './journal-files.ts'
import type { JournalFile } from './journal-folder.ts'
import { NodeFolder } from './node-folder.ts'

let [path, file]: [string, JournalFile?] = ['']
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'kafkado-metadata-'))
  file = new NodeFolder(path).create('1.checkpoint', 'synced')
})
afterEach(async () => {
  file?.close()
  await rm(path, { recursive: true })
})

/** Among so many lengths is each that zeros may be taken for: they are taken eight at a time. */
it.each(Array.from({ length: 16 }, (_, length) => length))(
  'tells of metadata that is zeros from any byte on, of a value of %d more characters',
  async (more) => {
    const checkpoint = file as JournalFile
    const folder = new NodeFolder(path)
    const checkpoints = new CheckpointFiles(folder, new JournalFiles(folder))
    checkpoints.add(1, checkpoint)
    const bytes = await writeMetadata(checkpoint, 0, [
      ['topic', 'v'.repeat(1 + more)],
      ['gone', null],
    ]) // two records
    const section = { checkpoint: 1, position: 0, bytes }
    expect(readMetadataSection(checkpoints, section)).toHaveLength(2)
    for (let at = bytes - 1; at >= 0; at--) {
      const last = Buffer.alloc(1)
      checkpoint.readSync([last], at)
      if (last[0] === 0) continue
      checkpoint.writeSync(Buffer.alloc(1), at)
      const read = (): unknown => readMetadataSection(checkpoints, section)
      expect(read, `zeros from byte ${at} on`).toThrow(StorageError)
      expect(read).toThrow(/the file 1\.checkpoint in .* is damaged at byte 0/)
    }
  },
)
