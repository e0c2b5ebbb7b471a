import { StorageError } from '@kafkado/core'
import { AcknowledgedNote, type Acknowledged } from './acknowledged-note.ts'
import { checkpointNumber } from './checkpoint-head.ts'
import { fileHeadBytes, journalNumber, readFileHead } from './file-head.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

const mebibyte = 1024 * 1024
/** Files come and go now and then. This many times in a row, something else is wrong. */
const mostAttempts = 100

interface SnapshotFile {
  readonly name: string
  readonly file: JournalFile
  /** How many of its bytes belong to the snapshot. They do not change any more. */
  readonly bytes: number
}

/**
 * Copies a journal as it was at one moment, while an engine writes to it. Files only grow, and their content stays when
 * their names go. So it is enough to open all of them at one moment, and to read each as far as the engine had noted as
 * durable.
 *
 * @param target an empty folder
 * @param sliceBytes how much is copied at a time
 */
export async function copySnapshot(source: JournalFolder, target: JournalFolder, sliceBytes = mebibyte): Promise<void> {
  const { files, acknowledged } = await openSnapshot(source)
  try {
    for (const file of files) await copyFile(file, target, sliceBytes)
    if (acknowledged) {
      const note = AcknowledgedNote.open(target, [])
      note.write(acknowledged)
      note.close()
    }
    await target.sync()
  } finally {
    for (const { file } of files) file.close()
  }
}

interface Snapshot {
  readonly files: readonly SnapshotFile[]
  readonly acknowledged: Acknowledged | undefined
}

async function openSnapshot(source: JournalFolder): Promise<Snapshot> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const snapshot = await tryToOpen(source)
    if (snapshot) return snapshot
  }
  throw new StorageError(
    `the files in ${source.path} change too often to be opened together; try again when less is written`,
    { retriable: true, outcome: 'failed' },
  )
}

/** Undefined if files came or went meanwhile. */
async function tryToOpen(source: JournalFolder): Promise<Snapshot | undefined> {
  const names = await filesOf(source)
  const opened = new Map<string, JournalFile>()
  let snapshot: Snapshot | undefined
  try {
    for (const name of names) opened.set(name, source.open(name, 'read'))
    const acknowledged = await AcknowledgedNote.readIn(source)
    const files = [...opened].map(([name, file]) => ({ name, file, bytes: bytesOf(source, name, file, acknowledged) }))
    const isSame = (await filesOf(source)).join() === names.join()
    if (isSame) snapshot = { files, acknowledged }
    return snapshot
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  } finally {
    if (!snapshot) for (const file of opened.values()) file.close()
  }
}

async function filesOf(source: JournalFolder): Promise<string[]> {
  const names = await source.names()
  return names
    .filter((name) => journalNumber(name) !== undefined || checkpointNumber(name) !== undefined)
    .sort((left, right) => (left < right ? -1 : 1))
}

/**
 * Bytes behind the last acknowledged frame may be half written. A process that has opened the journal has noted its
 * end; without a note, none has.
 */
function bytesOf(
  source: JournalFolder,
  name: string,
  file: JournalFile,
  acknowledged: Acknowledged | undefined,
): number {
  const number = journalNumber(name)
  if (number === undefined || !acknowledged) return file.length()
  const { start } = readFileHead(source, number, file)
  return Math.min(Math.max(acknowledged.end - start, fileHeadBytes), file.length())
}

async function copyFile({ name, file, bytes }: SnapshotFile, target: JournalFolder, sliceBytes: number): Promise<void> {
  const copy = target.create(name, 'synced')
  try {
    for (let position = 0; position < bytes;) {
      const slice = Buffer.allocUnsafe(Math.min(sliceBytes, bytes - position))
      const found = await file.read([slice], position)
      if (found === 0) break
      await copy.write([slice.subarray(0, found)], position)
      position += found
    }
    await copy.sync()
  } finally {
    copy.close()
  }
}
