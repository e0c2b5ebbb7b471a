import type { Random } from '@kafkado/core'
import { crc32c } from '@kafkado/core/internal'
import { AcknowledgedNote } from './acknowledged-note.ts'
import {
  type CheckpointDirectory,
  decodeDirectory,
  type DirectoryFile,
  type MetadataSection,
} from './checkpoint-directory.ts'
import { CheckpointFiles } from './checkpoint-files.ts'
import { checkpointName, checkpointNumber, readCheckpointHead } from './checkpoint-head.ts'
import { readMetadataSection } from './checkpoint-metadata.ts'
import {
  fileHeadBytes,
  type JournalHead,
  journalName,
  journalNumber,
  makeJournalFile,
  readFileHead,
} from './file-head.ts'
import { nonceOf } from './frame-writer.ts'
import { missingFile } from './journal-damage.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import { JournalFiles, type KnownFile } from './journal-files.ts'
import { JournalState } from './journal-state.ts'
import { Replay } from './replay.ts'

/** A journal that is open. */
export interface OpenJournal {
  readonly state: JournalState
  readonly checkpoints: CheckpointFiles
  readonly newest: { readonly number: number; readonly sequence: number; readonly sections: readonly MetadataSection[] }
  readonly note: AcknowledgedNote
  /** The last of the files, to append to. */
  readonly file: JournalFile
  close(): void
}

/**
 * Opens a journal: reads the newest checkpoint, checks that the files are there to which it refers, reads the frames
 * behind it, and cuts off what the last write has left half made.
 *
 * @throws StorageError that names file and byte, before anything was changed, when something is not as it was left
 */
export async function openJournal(folder: JournalFolder, random: Random): Promise<OpenJournal> {
  const recovery = new Recovery(folder, random)
  try {
    return await recovery.run()
  } catch (error) {
    recovery.close()
    throw error
  }
}

class Recovery {
  readonly #folder: JournalFolder
  readonly #random: Random
  readonly #files: JournalFiles
  readonly #checkpoints: CheckpointFiles
  readonly #state: JournalState
  /** The checkpoints that the newest refers to, as it has them: whatever becomes of it, until there is a newer one. */
  readonly #referred = new Set<number>()
  #note: AcknowledgedNote | undefined

  constructor(folder: JournalFolder, random: Random) {
    this.#folder = folder
    this.#random = random
    this.#files = new JournalFiles(folder)
    this.#checkpoints = new CheckpointFiles(folder)
    this.#state = new JournalState(this.#files, this.#checkpoints.load)
  }

  close(): void {
    this.#files.close()
    this.#checkpoints.close()
    this.#note?.close()
  }

  async run(): Promise<OpenJournal> {
    const names = await this.#folder.names()
    const journals = numbersIn(names, journalNumber)
    const checkpoints = numbersIn(names, checkpointNumber)
    this.#note = AcknowledgedNote.open(this.#folder, names)
    const newest = checkpoints.at(-1)
    const directory = newest === undefined ? undefined : await this.#readCheckpoint(newest, checkpoints)
    if (!directory && journals.length === 0) await this.#begin()
    else {
      await this.#readJournal(journals, directory)
      await this.#removeLeftovers(names, journals)
    }
    await this.#checkpoints.retain((number) => number === newest || this.#referred.has(number))
    await this.#acknowledge()
    const own = newest === undefined ? [] : this.#ownSection(newest)
    const sections = [...(directory?.metadata ?? []), ...own]
    return {
      state: this.#state,
      checkpoints: this.#checkpoints,
      newest: { number: newest ?? 0, sequence: directory?.sequence ?? 0, sections },
      note: this.#note,
      file: this.#files.last.file as JournalFile,
      close: () => this.close(),
    }
  }

  /**
   * What was read is served from now on, so it has to be durable: a process that was killed may have left a frame with
   * the operating system alone.
   */
  async #acknowledge(): Promise<void> {
    const { head, length, file } = this.#files.last
    await (file as JournalFile).sync()
    this.#note?.write({ sequence: this.#state.sequence, end: head.start + length })
  }

  /** The first file of a new journal. */
  async #begin(): Promise<void> {
    const acknowledged = this.#note?.read()
    if (acknowledged)
      throw missingFile(
        this.#folder.path,
        journalName(1),
        `${acknowledged.sequence} frames were written, and no file has them`,
      )
    const head: JournalHead = { number: 1, nonce: nonceOf(this.#random), start: 0, firstSequence: 1 }
    this.#files.add(head, fileHeadBytes, 0, await makeJournalFile(this.#folder, head))
  }

  async #readCheckpoint(newest: number, numbers: readonly number[]): Promise<CheckpointDirectory> {
    for (const number of numbers) this.#checkpoints.add(number, this.#folder.open(checkpointName(number), 'synced'))
    const { file } = this.#checkpoints.all.get(newest) as { file: JournalFile }
    const head = readCheckpointHead(this.#folder, newest, file)
    const bytes = Buffer.allocUnsafe(head.directoryBytes)
    if (file.readSync([bytes], head.directoryAt) < bytes.length || crc32c(bytes) !== head.directoryCrc)
      throw this.#checkpoints.damaged(newest, head.directoryAt, 'its directory is not as it was written')
    const directory = decodeDirectory(bytes)
    this.#state.restore(directory)
    this.#checkReferred(directory)
    const chunks = [...directory.logs.values()].flat(2)
    await this.#checkpoints.verify(chunks.flatMap(({ place }) => place ?? []))
    for (const section of [...directory.metadata, ...this.#ownSection(newest)])
      this.#state.metadata.restore(readMetadataSection(this.#checkpoints, section))
    return directory
  }

  #ownSection(newest: number): MetadataSection[] {
    const { file } = this.#checkpoints.all.get(newest) as { file: JournalFile }
    const { metadataAt, metadataBytes } = readCheckpointHead(this.#folder, newest, file)
    return metadataBytes > 0 ? [{ checkpoint: newest, position: metadataAt, bytes: metadataBytes }] : []
  }

  /** Each checkpoint that has something that counts is there, and as long as it was. */
  #checkReferred({ metadata, logs }: CheckpointDirectory): void {
    const ends = new Map<number, number>()
    const refer = (checkpoint: number, end: number): void =>
      void ends.set(checkpoint, Math.max(ends.get(checkpoint) ?? 0, end))
    for (const { checkpoint, position, bytes } of metadata) refer(checkpoint, position + bytes)
    for (const { place } of [...logs.values()].flat(2)) if (place) refer(place.checkpoint, place.position + place.bytes)
    for (const [number, end] of ends) {
      this.#referred.add(number)
      const known = this.#checkpoints.all.get(number)
      if (!known)
        throw missingFile(this.#folder.path, checkpointName(number), 'a later checkpoint refers to what it holds')
      readCheckpointHead(this.#folder, number, known.file)
      if (known.bytes < end)
        throw this.#checkpoints.damaged(number, known.bytes, `it ends there, and has been ${end} bytes long at least`)
    }
  }

  async #readJournal(journals: readonly number[], directory: CheckpointDirectory | undefined): Promise<void> {
    if (directory) for (const file of directory.files) this.#addSealed(file, file === directory.files.at(-1), journals)
    else {
      if (journals[0] !== 1)
        throw missingFile(
          this.#folder.path,
          journalName(1),
          `${journalName(journals[0] as number)} follows it, and no checkpoint has what it held`,
        )
      this.#addNext(1)
    }
    const replay = new Replay(this.#state, this.#note?.read())
    for (;;) {
      const known = this.#files.last
      const number = known.head.number + 1
      if (!journals.includes(number)) {
        const later = journals.find((other) => other > number)
        if (later !== undefined)
          throw missingFile(this.#folder.path, journalName(number), `${journalName(later)} comes after it`)
        await replay.readLast(known)
        return
      }
      await replay.readComplete(known, this.#headOf(number))
      this.#addNext(number)
    }
  }

  /** A file that the checkpoint knows. */
  #addSealed({ head, length, liveBytes }: DirectoryFile, isLast: boolean, journals: readonly number[]): void {
    if (!journals.includes(head.number)) {
      if (liveBytes === 0 && !isLast) return
      throw missingFile(this.#folder.path, journalName(head.number), `${liveBytes} bytes of batches lie in it`)
    }
    const known = this.#addNext(head.number, length, liveBytes)
    const found = known.head
    if (found.nonce !== head.nonce || found.start !== head.start || found.firstSequence !== head.firstSequence)
      throw this.#files.damaged(known, 12, 'it is another file than the one that was written')
    const bytes = (known.file as JournalFile).length()
    if (bytes < length) throw this.#files.damaged(known, bytes, `it ends there, and has been ${length} bytes long`)
  }

  #addNext(number: number, length = fileHeadBytes, liveBytes = 0): KnownFile {
    const file = this.#folder.open(journalName(number), 'appended')
    try {
      return this.#files.add(readFileHead(this.#folder, number, file), length, liveBytes, file)
    } catch (error) {
      file.close()
      throw error
    }
  }

  #headOf(number: number): JournalHead {
    const file = this.#folder.open(journalName(number), 'synced')
    try {
      return readFileHead(this.#folder, number, file)
    } finally {
      file.close()
    }
  }

  /** What was begun and not ended, and what was to be removed. */
  async #removeLeftovers(names: readonly string[], journals: readonly number[]): Promise<void> {
    const known = new Set(this.#files.all.map(({ head }) => head.number))
    for (const name of names) if (/^[0-9]+\.(journal|checkpoint)\.new$/.test(name)) await this.#folder.remove(name)
    for (const number of journals) if (!known.has(number)) await this.#folder.remove(journalName(number))
  }
}

function numbersIn(names: readonly string[], numberOf: (name: string) => number | undefined): number[] {
  return names
    .map(numberOf)
    .filter((number) => number !== undefined)
    .sort((left, right) => left - right)
}
