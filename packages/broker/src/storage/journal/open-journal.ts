import type { Random } from '@kafkado/core'
import { AcknowledgedNote } from './acknowledged-note.ts'
import type { CheckpointFiles } from './checkpoint-files.ts'
import { fileHeadBytes, type JournalHead, journalName, makeJournalFile } from './file-head.ts'
import { nonceOf } from './frame-writer.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { JournalState } from './journal-state.ts'
import { type FoundJournal, type NewestCheckpoint, Recovery } from './recovery.ts'

/** An open journal. */
export interface OpenJournal {
  readonly state: JournalState
  readonly checkpoints: CheckpointFiles
  readonly newest: NewestCheckpoint
  readonly note: AcknowledgedNote
  /** The last file, for appends. */
  readonly file: JournalFile
  close(): void
}

/**
 * Opens a journal: reads its content, and then cuts off a half-made last write.
 *
 * @throws StorageError that names file and byte, before anything was changed, when something has changed since it was
 *   written
 */
export async function openJournal(folder: JournalFolder, random: Random): Promise<OpenJournal> {
  const recovery = new Recovery(folder, 'appended')
  const found = await recovery.read()
  const { state, checkpoints, files, referred } = recovery
  let note: AcknowledgedNote | undefined
  const close = (): void => {
    recovery.close()
    note?.close()
  }
  try {
    note = AcknowledgedNote.open(folder, found.names)
    if (found.journals.length === 0) await begin(folder, recovery, random)
    else await tidyUp(folder, recovery, found)
    await checkpoints.retain((number) => number === found.newest?.number || referred.has(number))
    await acknowledge(recovery, note)
    const newest = found.newest ?? { number: 0, sequence: 0, sections: [] }
    return { state, checkpoints, newest, note, file: files.last.file as JournalFile, close }
  } catch (error) {
    close()
    throw error
  }
}

/** The first file of a new journal. */
async function begin(folder: JournalFolder, { files }: Recovery, random: Random): Promise<void> {
  const head: JournalHead = { number: 1, nonce: nonceOf(random), start: 0, firstSequence: 1 }
  files.add(head, fileHeadBytes, 0, await makeJournalFile(folder, head))
}

/** Cuts off incomplete data, and removes files that were unfinished or about to be removed. */
async function tidyUp(
  folder: JournalFolder,
  { files }: Recovery,
  { names, journals, isTorn }: FoundJournal,
): Promise<void> {
  const { length, file } = files.last
  if (isTorn) {
    await (file as JournalFile).truncate(length)
    await (file as JournalFile).sync()
  }
  const known = new Set(files.all.map(({ head }) => head.number))
  for (const name of names) if (/^[0-9]+\.(journal|checkpoint)\.new$/.test(name)) await folder.remove(name)
  for (const number of journals) if (!known.has(number)) await folder.remove(journalName(number))
}

/**
 * Everything read is served from now on, so it must be durable: a killed process may have left a frame with the
 * operating system alone.
 */
async function acknowledge({ files, state }: Recovery, note: AcknowledgedNote): Promise<void> {
  const { head, length, file } = files.last
  const { sequence } = state
  await (file as JournalFile).sync()
  note.write({ sequence, end: head.start + length })
}
