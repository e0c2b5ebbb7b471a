import { crc32c, yieldToEventLoop } from '@kafkado/core/internal'
import { encodeDirectory, type MetadataSection } from './checkpoint-directory.ts'
import type { CheckpointFiles } from './checkpoint-files.ts'
import { checkpointHeadBytes, checkpointName, encodeCheckpointHead } from './checkpoint-head.ts'
import { writeMetadata } from './checkpoint-metadata.ts'
import { encodeChunk, mostChunkBytes } from './chunk-codec.ts'
import { journalName } from './file-head.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { KnownFile } from './journal-files.ts'
import type { JournalState } from './journal-state.ts'
import type { ChunkPlace, TableChunk } from './table-chunk.ts'

/** The size of one write. */
const sliceBytes = 256 * 1024
/** With fewer bytes of metadata changes than this, only the changes are written. */
const minMetadataBytes = 256 * 1024
/** How many rows each checkpoint rewrites of chunks in files that are mostly unused. */
const rewrittenRows = 64 * 1024
/** With more files than this, the emptiest are rewritten. */
const mostFiles = 32
const settledAtATime = 5000

/** The state that a checkpoint captures in one turn. All its frames are durable. */
interface Cut {
  readonly number: number
  readonly sequence: number
  readonly chunks: readonly (readonly [TableChunk, ChunkPlace])[]
  readonly encoded: Buffer
  readonly directory: Buffer
  readonly directoryAt: number
  readonly sections: readonly MetadataSection[]
  /** Whether all of the metadata is written again. */
  readonly isWhole: boolean
  readonly changes: ReadonlyMap<string, string | null>
  /** The checkpoints with chunks of this one. */
  readonly referred: ReadonlySet<number>
  readonly deadFiles: readonly KnownFile[]
}

/** Makes checkpoints, and removes unneeded files once a checkpoint is durable. */
export class CheckpointWriter {
  readonly #folder: JournalFolder
  readonly #state: JournalState
  readonly #files: CheckpointFiles
  #number: number
  #sections: readonly MetadataSection[]
  /** The last frame in a checkpoint. */
  #sequence: number
  /** Whether metadata changes went to a checkpoint that failed, so that no checkpoint has them. */
  #hasLostChanges = false
  /** Over all checkpoints since the journal was opened. */
  writtenBytes = 0

  /** @param sections the whole metadata of the newest checkpoint */
  constructor(
    folder: JournalFolder,
    state: JournalState,
    files: CheckpointFiles,
    newest: { readonly number: number; readonly sequence: number; readonly sections: readonly MetadataSection[] },
  ) {
    this.#folder = folder
    this.#state = state
    this.#files = files
    this.#number = newest.number
    this.#sequence = newest.sequence
    this.#sections = newest.sections
  }

  get isNeeded(): boolean {
    return this.#state.sequence > this.#sequence
  }

  /** Writes one at a time. Without room on the disk, everything stays as it is. */
  async write(): Promise<void> {
    const cut = this.#cut()
    const name = checkpointName(cut.number)
    let file: JournalFile | undefined
    try {
      file = this.#folder.create(`${name}.new`, 'synced')
      const metadataBytes = await this.#fill(file, cut)
      await file.sync()
      await this.#folder.rename(`${name}.new`, name)
      await this.#folder.sync()
      this.#durable(cut, file, metadataBytes)
    } catch (error) {
      this.#withdraw(cut)
      file?.close()
      // It takes space that others need; the next checkpoint overwrites it in any case.
      await this.#folder.remove(`${name}.new`).catch(() => undefined)
      throw error
    }
    await this.#removeOld(cut)
  }

  #cut(): Cut {
    const { memory, metadata, files, sequence } = this.#state
    const number = this.#number + 1
    const all = this.#chunks()
    this.#rewriteSparse(all)
    const fresh = all.filter(({ place }) => !place)
    const encoded = Buffer.allocUnsafeSlow(fresh.reduce((sum, { rows }) => sum + mostChunkBytes(rows), 0))
    const view = new DataView(encoded.buffer)
    const chunks: [TableChunk, ChunkPlace][] = []
    let position = 0
    for (const chunk of fresh) {
      const end = encodeChunk(memory.cellsOf(chunk), chunk.rows, view, position)
      const crc = crc32c(encoded, position, end)
      chunk.place = { checkpoint: number, position: checkpointHeadBytes + position, bytes: end - position, crc }
      chunks.push([chunk, chunk.place])
      position = end
    }
    memory.newRows = 0
    const referred = new Set<number>()
    for (const { place } of all) if (place) referred.add(place.checkpoint)
    const isWhole = this.#isMetadataToBeWhole()
    const sections = isWhole ? [] : this.#sections
    const deadFiles = files.all.filter((file) => file !== files.last && file.liveBytes === 0)
    const kept = files.all.filter((file) => !deadFiles.includes(file))
    const directory = encodeDirectory(this.#state, kept, sections)
    const changes = metadata.cut()
    return {
      number,
      sequence,
      chunks,
      encoded: encoded.subarray(0, position),
      directory,
      directoryAt: checkpointHeadBytes + position,
      sections,
      isWhole,
      changes,
      referred,
      deadFiles,
    }
  }

  #chunks(): TableChunk[] {
    const all: TableChunk[] = []
    for (const { batches, index } of this.#state.logs.values()) {
      for (const chunk of batches.chunks) all.push(chunk)
      for (const chunk of index.chunks) all.push(chunk)
    }
    return all
  }

  /** Once the changes are longer than the metadata, all of it is written again. */
  #isMetadataToBeWhole(): boolean {
    const [first = { bytes: 0 }, ...changes] = this.#sections
    if (this.#hasLostChanges) return true
    const changed = changes.reduce((sum, { bytes }) => sum + bytes, this.#state.metadata.changedLength)
    return changed > Math.max(first.bytes, minMetadataBytes) || changes.length >= mostFiles
  }

  /** Moves chunks out of mostly unused files, so that these can be removed. */
  #rewriteSparse(all: readonly TableChunk[]): void {
    const counting = new Map<number, number>()
    for (const { place } of all)
      if (place) counting.set(place.checkpoint, (counting.get(place.checkpoint) ?? 0) + place.bytes)
    const byShare = [...this.#files.all.values()]
      .map(({ number, bytes }) => ({ number, counts: counting.get(number) ?? 0, bytes }))
      .sort((left, right) => left.counts - right.counts)
    const tooMany = Math.max(byShare.length - mostFiles, 0)
    const sparse = new Set(
      byShare
        .filter(({ counts, bytes }, index) => counts > 0 && (counts * 2 < bytes || index < tooMany))
        .map(({ number }) => number),
    )
    if (sparse.size === 0) return
    let left = rewrittenRows
    for (const chunk of all) {
      if (!chunk.place || !sparse.has(chunk.place.checkpoint)) continue
      if ((left -= chunk.rows) < 0) return
      this.#state.memory.cellsToChange(chunk)
    }
  }

  async #fill(file: JournalFile, cut: Cut): Promise<number> {
    await writeSlices(file, cut.encoded, checkpointHeadBytes)
    await writeSlices(file, cut.directory, cut.directoryAt)
    const { metadata } = this.#state
    for (const slice of slices(cut.changes, settledAtATime)) {
      metadata.settle(slice)
      await yieldToEventLoop()
    }
    const metadataAt = cut.directoryAt + cut.directory.length
    const metadataBytes = await writeMetadata(file, metadataAt, cut.isWhole ? metadata.all() : cut.changes)
    metadata.settled()
    const head = encodeCheckpointHead(cut.number, {
      directoryCrc: crc32c(cut.directory),
      directoryAt: cut.directoryAt,
      directoryBytes: cut.directory.length,
      metadataAt,
      metadataBytes,
    })
    await file.write([head], 0)
    return metadataBytes
  }

  #durable(cut: Cut, file: JournalFile, metadataBytes: number): void {
    this.#number = cut.number
    this.#sequence = cut.sequence
    this.#hasLostChanges = false
    const position = cut.directoryAt + cut.directory.length
    const section = { checkpoint: cut.number, position, bytes: metadataBytes }
    this.#sections = metadataBytes > 0 ? [...cut.sections, section] : cut.sections
    this.writtenBytes += this.#files.add(cut.number, file).bytes
    const { memory } = this.#state
    for (const [chunk, place] of cut.chunks) if (chunk.place === place) memory.settled(chunk)
  }

  async #removeOld({ referred, deadFiles }: Cut): Promise<void> {
    const wanted = new Set([this.#number, ...this.#sections.map(({ checkpoint }) => checkpoint)])
    await this.#files.retain((number) => wanted.has(number) || referred.has(number))
    for (const dead of deadFiles) {
      this.#state.files.drop(dead)
      await this.#folder.remove(journalName(dead.head.number))
    }
  }

  /** Nothing refers to a failed checkpoint. */
  #withdraw({ chunks, changes }: Cut): void {
    for (const [chunk, place] of chunks) if (chunk.place === place) chunk.place = undefined
    this.#state.metadata.settle(changes)
    this.#state.metadata.settled()
    this.#hasLostChanges = true
  }
}

async function writeSlices(file: JournalFile, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += sliceBytes)
    await file.write([bytes.subarray(at, at + sliceBytes)], position + at)
}

function* slices<T>(items: Iterable<T>, count: number): Generator<T[]> {
  let slice: T[] = []
  for (const item of items) {
    slice.push(item)
    if (slice.length < count) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}
