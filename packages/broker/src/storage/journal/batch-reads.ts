import type { JournalFiles, KnownFile } from './journal-files.ts'
import type { SortedTable } from './sorted-table.ts'

/**
 * What lies between two batches is read over when it is shorter: heads and descriptors of frames, batches of others.
 */
const longestGap = 16 * 1024
const passedOver: Uint8Array = new Uint8Array(longestGap)

/** A read of one file: batches that lie close to each other. */
interface Piece {
  readonly file: KnownFile
  readonly position: number
  /** Lengths, alternately of what is wanted and of what lies between. */
  readonly lengths: number[]
  end: number
}

/** What `Storage.readBatches` is asked for. */
export type ReadRange = readonly [fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean]

/** Which batches of a log a reader gets, and where they lie. */
export class BatchReads {
  readonly #files: JournalFiles
  readonly #pieces: Piece[] = []
  size = 0

  constructor(files: JournalFiles) {
    this.#files = files
  }

  /** As `Storage.readBatches` says. */
  static of(
    files: JournalFiles,
    batches: SortedTable,
    [fromOffset, untilOffset, maxBytes, atLeastOne]: ReadRange,
  ): BatchReads {
    const reads = new BatchReads(files)
    batches.visitFrom(fromOffset, (lastOffset, address, length) => {
      const isFree = atLeastOne && reads.size === 0
      if (lastOffset >= untilOffset || (reads.size + length > maxBytes && !isFree)) return false
      reads.add(address, length)
      return true
    })
    return reads
  }

  /** The parts of files that will be read. */
  get places(): { file: KnownFile; position: number; end: number }[] {
    return this.#pieces.map(({ file, position, end }) => ({ file, position, end: end - file.head.start }))
  }

  add(address: number, length: number): void {
    this.size += length
    const last = this.#pieces.at(-1)
    const gap = last ? address - last.end : -1
    if (last && gap === 0) last.lengths[last.lengths.length - 1]! += length
    else if (last && gap > 0 && gap <= longestGap && this.#files.at(address) === last.file)
      last.lengths.push(gap, length)
    else {
      const file = this.#files.at(address)
      this.#pieces.push({ file, position: address - file.head.start, lengths: [length], end: address + length })
      return
    }
    last.end = address + length
  }

  readSync(): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(this.size)
    let position = 0
    for (const piece of this.#pieces) {
      const { parts, wanted, all } = partsOf(piece, bytes, position)
      this.#check(this.#files.opened(piece.file).readSync(parts, piece.position), all, piece)
      position += wanted
    }
    return bytes
  }

  #check(found: number, wanted: number, { file, position }: Piece): void {
    if (found < wanted)
      throw this.#files.damaged(file, position + found, `it ends ${wanted - found} bytes before the batches in it do`)
  }
}

function partsOf({ lengths }: Piece, bytes: Uint8Array, position: number) {
  const parts: Uint8Array[] = []
  let [wanted, all] = [0, 0]
  for (const [index, length] of lengths.entries()) {
    if (index % 2 === 1) parts.push(passedOver.subarray(0, length))
    else {
      parts.push(bytes.subarray(position + wanted, position + wanted + length))
      wanted += length
    }
    all += length
  }
  return { parts, wanted, all }
}
