import { crc32c } from '@kafkado/core/internal'
import { checkpointName } from './checkpoint-head.ts'
import { decodeChunk } from './chunk-codec.ts'
import { damagedFile } from './journal-damage.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { ChunkPlace } from './table-chunk.ts'

/** A checkpoint that is there. */
export interface KnownCheckpoint {
  readonly number: number
  readonly bytes: number
  readonly file: JournalFile
}

/** The checkpoint files to which the newest refers, and itself. */
export class CheckpointFiles {
  readonly #folder: JournalFolder
  readonly all = new Map<number, KnownCheckpoint>()

  constructor(folder: JournalFolder) {
    this.#folder = folder
  }

  add(number: number, file: JournalFile): KnownCheckpoint {
    const known = { number, bytes: file.length(), file }
    this.all.set(number, known)
    return known
  }

  /** The rows of a chunk. */
  readonly load = (place: ChunkPlace, rows: number): Float64Array => {
    const bytes = Buffer.allocUnsafe(place.bytes)
    const { file } = this.all.get(place.checkpoint) as KnownCheckpoint
    if (file.readSync([bytes], place.position) === bytes.length && crc32c(bytes) === place.crc)
      return decodeChunk(bytes, rows)
    throw this.damaged(place.checkpoint, place.position, 'a part of the index of a log is not as it was written')
  }

  damaged(number: number, byte: number, what: string) {
    return damagedFile({ folder: this.#folder.path, file: checkpointName(number), byte }, what)
  }

  /** Removes those that nothing refers to. */
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
