import { crc32c } from '@kafkado/core/internal'
import { type Acknowledged, AcknowledgedNote } from './acknowledged-note.ts'
import {
  type CheckpointDirectory,
  decodeDirectory,
  type DirectoryFile,
  type MetadataSection,
} from './checkpoint-directory.ts'
import { CheckpointFiles } from './checkpoint-files.ts'
import { checkpointName, checkpointNumber, readCheckpointHead } from './checkpoint-head.ts'
import { readMetadataSection } from './checkpoint-metadata.ts'
import { fileHeadBytes, type JournalHead, journalName, journalNumber, readFileHead } from './file-head.ts'
import { missingFile } from './journal-damage.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import { JournalFiles, type KnownFile } from './journal-files.ts'
import { JournalState } from './journal-state.ts'
import { Replay } from './replay.ts'
import { decodeStored, readPart } from './stored-content.ts'

/** A journal opened for reading only. */
export interface ReadableJournal {
  readonly state: JournalState
  close(): void
}

/**
 * Reads a journal without changing anything, so it also works in a read-only folder. A half-made last write does not
 * count.
 *
 * @throws StorageError that names file and byte, when something has changed since it was written
 */
export async function readJournal(folder: JournalFolder): Promise<ReadableJournal> {
  const recovery = new Recovery(folder, 'read')
  await recovery.read()
  return { state: recovery.state, close: () => recovery.close() }
}

/** The content of a folder. */
export interface FoundJournal {
  readonly names: readonly string[]
  readonly journals: readonly number[]
  /** The newest checkpoint with all of its metadata; undefined if there is none yet. */
  readonly newest: NewestCheckpoint | undefined
  /** Whether an incomplete last write has left bytes behind the frames. */
  readonly isTorn: boolean
}

export interface NewestCheckpoint {
  readonly number: number
  readonly sequence: number
  readonly sections: readonly MetadataSection[]
}

/**
 * Reads the newest checkpoint, checks that the files it refers to exist, and reads the frames behind it. Changes
 * nothing.
 */
export class Recovery {
  readonly #folder: JournalFolder
  readonly #kind: 'appended' | 'read'
  readonly files: JournalFiles
  readonly checkpoints: CheckpointFiles
  readonly state: JournalState
  /** The checkpoints that the newest one refers to. They stay until there is a newer one. */
  readonly referred = new Set<number>()

  /** @param kind how its files are opened */
  constructor(folder: JournalFolder, kind: 'appended' | 'read') {
    this.#folder = folder
    this.#kind = kind
    this.files = new JournalFiles(folder)
    this.checkpoints = new CheckpointFiles(folder, this.files)
    this.state = new JournalState(this.files, this.checkpoints.load)
  }

  close(): void {
    this.files.close()
    this.checkpoints.close()
  }

  /** @throws StorageError that names file and byte, after it is closed */
  async read(): Promise<FoundJournal> {
    try {
      return await this.#read()
    } catch (error) {
      this.close()
      throw error
    }
  }

  async #read(): Promise<FoundJournal> {
    const names = await this.#folder.names()
    const journals = numbersIn(names, journalNumber)
    const checkpoints = numbersIn(names, checkpointNumber)
    const acknowledged = await AcknowledgedNote.readIn(this.#folder)
    const number = checkpoints.at(-1)
    if (number === undefined && journals.length === 0) {
      if (acknowledged)
        throw missingFile(
          this.#folder.path,
          journalName(1),
          `${acknowledged.sequence} frames were written, and no file has them`,
        )
      return { names, journals, newest: undefined, isTorn: false }
    }
    const checkpoint = number === undefined ? undefined : await this.#readCheckpoint(number, checkpoints)
    const isTorn = await this.#readJournal(journals, checkpoint?.directory, acknowledged)
    return { names, journals, newest: checkpoint?.newest, isTorn }
  }

  async #readCheckpoint(
    number: number,
    numbers: readonly number[],
  ): Promise<{ directory: CheckpointDirectory; newest: NewestCheckpoint }> {
    for (const one of numbers) this.checkpoints.add(one, this.#folder.open(checkpointName(one), 'read'))
    const { file } = this.checkpoints.all.get(number) as { file: JournalFile }
    const { directoryAt, directoryBytes, directoryCrc, metadataAt, metadataBytes } = readCheckpointHead(
      this.#folder,
      number,
      file,
    )
    const bytes = readPart(file, directoryAt, directoryBytes)
    if (!bytes || crc32c(bytes) !== directoryCrc)
      throw this.checkpoints.damaged(number, directoryAt, 'its directory is not as it was written')
    const directory = decodeStored(this.checkpoints.placeIn(number, directoryAt), bytes, decodeDirectory)
    this.state.restore(directory)
    this.#checkReferred(directory)
    const chunks = [...directory.logs.values()].flat(2)
    await this.checkpoints.verify(chunks.flatMap(({ place }) => place ?? []))
    const own = metadataBytes > 0 ? [{ checkpoint: number, position: metadataAt, bytes: metadataBytes }] : []
    const sections = [...directory.metadata, ...own]
    for (const section of sections) this.state.metadata.restore(readMetadataSection(this.checkpoints, section))
    return { directory, newest: { number, sequence: directory.sequence, sections } }
  }

  /** Checks that every checkpoint with used content exists, and has its former length. */
  #checkReferred({ metadata, logs }: CheckpointDirectory): void {
    const ends = new Map<number, number>()
    const refer = (checkpoint: number, end: number): void =>
      void ends.set(checkpoint, Math.max(ends.get(checkpoint) ?? 0, end))
    for (const { checkpoint, position, bytes } of metadata) refer(checkpoint, position + bytes)
    for (const { place } of [...logs.values()].flat(2)) if (place) refer(place.checkpoint, place.position + place.bytes)
    for (const [number, end] of ends) {
      this.referred.add(number)
      const known = this.checkpoints.all.get(number)
      if (!known)
        throw missingFile(this.#folder.path, checkpointName(number), 'a later checkpoint refers to what it holds')
      readCheckpointHead(this.#folder, number, known.file)
      if (known.bytes < end)
        throw this.checkpoints.damaged(number, known.bytes, `it ends there, and has been ${end} bytes long at least`)
    }
  }

  /** Resolves to whether the last file has more than whole frames. */
  async #readJournal(
    journals: readonly number[],
    directory: CheckpointDirectory | undefined,
    acknowledged: Acknowledged | undefined,
  ): Promise<boolean> {
    if (directory) for (const file of directory.files) this.#addSealed(file, file === directory.files.at(-1), journals)
    else {
      if (journals[0] !== 1)
        throw missingFile(
          this.#folder.path,
          journalName(1),
          `${journalName(journals[0] as number)} follows it, and no checkpoint has what it held`,
        )
      const first = this.#addNext(1)
      if (first.head.start !== 0) throw this.files.damaged(first, 16, `it starts at ${first.head.start}, not at 0`)
      if (first.head.firstSequence !== 1)
        throw this.files.damaged(first, 24, `its first frame is ${first.head.firstSequence}, not 1`)
    }
    const replay = new Replay(this.state, acknowledged)
    for (;;) {
      const known = this.files.last
      const number = known.head.number + 1
      if (!journals.includes(number)) {
        const later = journals.find((other) => other > number)
        if (later !== undefined)
          throw missingFile(this.#folder.path, journalName(number), `${journalName(later)} comes after it`)
        return replay.readLast(known)
      }
      await replay.readComplete(known, this.#headOf(number))
      this.#addNext(number)
    }
  }

  /** Adds a file that the checkpoint knows. */
  #addSealed({ head, length, liveBytes }: DirectoryFile, isLast: boolean, journals: readonly number[]): void {
    if (!journals.includes(head.number)) {
      if (liveBytes === 0 && !isLast) return
      throw missingFile(this.#folder.path, journalName(head.number), `${liveBytes} bytes of batches lie in it`)
    }
    const known = this.#addNext(head.number, length, liveBytes)
    const found = known.head
    if (found.nonce !== head.nonce || found.start !== head.start || found.firstSequence !== head.firstSequence)
      throw this.files.damaged(known, 12, 'it is another file than the one that was written')
    const bytes = (known.file as JournalFile).length()
    if (bytes < length) throw this.files.damaged(known, bytes, `it ends there, and has been ${length} bytes long`)
  }

  #addNext(number: number, length = fileHeadBytes, liveBytes = 0): KnownFile {
    const file = this.#folder.open(journalName(number), this.#kind)
    try {
      return this.files.add(readFileHead(this.#folder, number, file), length, liveBytes, file)
    } catch (error) {
      file.close()
      throw error
    }
  }

  #headOf(number: number): JournalHead {
    const file = this.#folder.open(journalName(number), 'read')
    try {
      return readFileHead(this.#folder, number, file)
    } finally {
      file.close()
    }
  }
}

function numbersIn(names: readonly string[], numberOf: (name: string) => number | undefined): number[] {
  return names
    .map(numberOf)
    .filter((number) => number !== undefined)
    .sort((left, right) => left - right)
}
