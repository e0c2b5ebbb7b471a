import type { StorageError } from '@kafkado/core'
import { crc32c } from '@kafkado/core/internal'
import { checkpointName } from './checkpoint-head.ts'
import { decodeChunk } from './chunk-codec.ts'
import { type DamagedPlace, damagedFile } from './journal-damage.ts'
import type { JournalFiles } from './journal-files.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { LoadChunk } from './chunk-memory.ts'
import { readPart } from './stored-content.ts'
import { type ChunkPlace, columns, type TableKind } from './table-chunk.ts'

/** How much is read and verified at a time; no chunk is longer. */
const verifiedBytes = 1024 * 1024

/** An existing checkpoint. */
export interface KnownCheckpoint {
  readonly number: number
  readonly bytes: number
  readonly file: JournalFile
}

/** The newest checkpoint, and the files it refers to. */
export class CheckpointFiles {
  readonly #folder: JournalFolder
  readonly #journals: JournalFiles
  readonly all = new Map<number, KnownCheckpoint>()

  /** @param journals where the batches of the rows lie */
  constructor(folder: JournalFolder, journals: JournalFiles) {
    this.#folder = folder
    this.#journals = journals
  }

  add(number: number, file: JournalFile): KnownCheckpoint {
    const known = { number, bytes: file.length(), file }
    this.all.set(number, known)
    return known
  }

  /**
   * Loads the rows of a chunk. A right checksum does not say who made it, so each number is checked before anyone
   * counts, seeks or reads by it.
   *
   * @throws StorageError that names its first byte
   */
  readonly load: LoadChunk = (place, { kind, rows, firstKey, lastKey }) => {
    const { file } = this.all.get(place.checkpoint) as KnownCheckpoint
    const bytes = readPart(file, place.position, place.bytes)
    if (!bytes || crc32c(bytes) !== place.crc) throw this.#damagedChunk(place)
    const cells = decodeChunk(bytes, rows)
    const wrong =
      cells?.[0] === firstKey && cells.at(-columns) === lastKey
        ? this.#wrongRow(kind, cells)
        : `it does not have ${rows} rows from ${firstKey} to ${lastKey}`
    if (cells && wrong === undefined) return cells
    throw this.damaged(
      place.checkpoint,
      place.position,
      `a part of the index of a log is not the one that belongs there: ${wrong}`,
    )
  }

  /** The first row that cannot be, in words: its key follows no smaller one, or its other numbers lead nowhere. */
  #wrongRow(kind: TableKind, cells: Float64Array): string | undefined {
    let previous = -1
    for (let at = 0; at < cells.length; at += columns) {
      const [key, second, third] = [cells[at] as number, cells[at + 1] as number, cells[at + 2] as number]
      if (!isCount(key) || key <= previous) return `${key} follows ${previous}`
      previous = key
      if (kind === 'batches' && !(isCount(second) && isCount(third) && this.#journals.has(second, third)))
        return `no file has the batch of ${third} bytes at address ${second}, which ends with offset ${key}`
      if (kind === 'index' && !(isTimestamp(second) && isCount(third)))
        return `the entry for offset ${key} has the timestamp ${second} and the position ${third}`
    }
    return undefined
  }

  /** @throws StorageError when a chunk has changed since it was written */
  async verify(chunks: readonly ChunkPlace[]): Promise<void> {
    const inOrder = [...chunks].sort(
      (left, right) => left.checkpoint - right.checkpoint || left.position - right.position,
    )
    const longest = Math.max(0, ...[...this.all.values()].map(({ bytes }) => bytes))
    const window = Buffer.allocUnsafe(Math.min(verifiedBytes, longest))
    for (let index = 0; index < inOrder.length;) {
      const first = inOrder[index] as ChunkPlace
      const { file } = this.all.get(first.checkpoint) as KnownCheckpoint
      const found = await file.read([window], first.position)
      for (let place = inOrder[index]; place?.checkpoint === first.checkpoint; place = inOrder[++index]) {
        const from = place.position - first.position
        if (from + place.bytes > window.length) break
        if (from + place.bytes > found || crc32c(window, from, from + place.bytes) !== place.crc)
          throw this.#damagedChunk(place)
      }
    }
  }

  #damagedChunk({ checkpoint, position }: ChunkPlace): StorageError {
    return this.damaged(checkpoint, position, 'a part of the index of a log is not as it was written')
  }

  placeIn(number: number, byte: number): DamagedPlace {
    return { folder: this.#folder.path, file: checkpointName(number), byte }
  }

  damaged(number: number, byte: number, what: string): StorageError {
    return damagedFile(this.placeIn(number, byte), what)
  }

  /** Removes files without a reference. */
  async retain(isWanted: (number: number) => boolean): Promise<void> {
    for (const { number, file } of this.all.values()) {
      if (isWanted(number)) continue
      this.all.delete(number)
      file.close()
      await this.#folder.remove(checkpointName(number))
    }
  }

  close(): void {
    for (const { file } of this.all.values()) file.close()
    this.all.clear()
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
/** -1 stands for none. Those of clients may be greater than a safe integer. */
const isTimestamp = (value: number): boolean => Number.isInteger(value) && value >= -1
