import { type JournalFiles, type KnownFile, liesIn } from './journal-files.ts'
import type { SortedTable } from './sorted-table.ts'

/** Shorter gaps between two batches are read along: heads and descriptors of frames, batches of other logs. */
const longestGap = 16 * 1024
const passedOver: Uint8Array = new Uint8Array(longestGap)

/** One read of a file, with batches close to each other. */
interface Piece {
  readonly file: KnownFile
  readonly position: number
  /** Lengths, alternately of wanted bytes and of gaps. */
  readonly lengths: number[]
  end: number
}

/** A part of a file. */
export interface ReadPlace {
  readonly file: KnownFile
  readonly position: number
  readonly end: number
}

/** The arguments of `Storage.readBatches`. */
export type ReadRange = readonly [fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean]

/** The batches that a reader gets from a log, and their places. */
export class BatchReads {
  readonly #files: JournalFiles
  readonly #pieces: Piece[] = []
  size = 0

  constructor(files: JournalFiles) {
    this.#files = files
  }

  /** See `Storage.readBatches`. */
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
  get places(): ReadPlace[] {
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
      this.#require(file, address, length)
      return
    }
    last.end = address + length
    this.#require(last.file, address, length)
  }

  /** No memory is taken for what a file is too short for. */
  #require(known: KnownFile, address: number, length: number): void {
    if (liesIn(known, address, length)) return
    const position = address - known.head.start
    throw this.#files.damaged(
      known,
      Math.min(Math.max(position, 0), known.length),
      `the index says that a batch of ${length} bytes is there, and its frames end at byte ${known.length}`,
    )
  }

  /** Whether another read returns the same bytes: written bytes never change. */
  isSameAs(other: BatchReads): boolean {
    return (
      this.size === other.size &&
      this.#pieces.length === other.#pieces.length &&
      this.#pieces.every((piece, index) => isSamePiece(piece, other.#pieces[index] as Piece))
    )
  }

  readSync(): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(this.size)
    for (const [piece, { parts, length }] of this.#partsIn(bytes))
      this.#check(this.#files.opened(piece.file).readSync(parts, piece.position), length, piece)
    return bytes
  }

  /** The same without blocking the event loop. All reads begin at once, so that no file is closed before it is read. */
  async read(): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(this.size)
    const readPiece = async (piece: Piece, { parts, length }: Parts): Promise<void> =>
      this.#check(await this.#files.opened(piece.file).read(parts, piece.position), length, piece)
    await Promise.all([...this.#partsIn(bytes)].map(([piece, parts]) => readPiece(piece, parts)))
    return bytes
  }

  *#partsIn(bytes: Uint8Array): Generator<readonly [Piece, Parts]> {
    let position = 0
    for (const piece of this.#pieces) {
      const parts = partsOf(piece, bytes, position)
      yield [piece, parts]
      position += parts.wanted
    }
  }

  #check(found: number, wanted: number, { file, position }: Piece): void {
    if (found < wanted)
      throw this.#files.damaged(file, position + found, `it ends ${wanted - found} bytes before the batches in it do`)
  }
}

function isSamePiece(one: Piece, other: Piece): boolean {
  const { file, position, lengths } = other
  return (
    one.file === file &&
    one.position === position &&
    one.lengths.length === lengths.length &&
    one.lengths.every((length, index) => length === lengths[index])
  )
}

/** The targets of a piece: the wanted bytes, and the gaps. */
interface Parts {
  readonly parts: readonly Uint8Array[]
  readonly wanted: number
  readonly length: number
}

function partsOf({ lengths }: Piece, bytes: Uint8Array, position: number): Parts {
  const parts: Uint8Array[] = []
  let [wanted, length] = [0, 0]
  for (const [index, one] of lengths.entries()) {
    if (index % 2 === 1) parts.push(passedOver.subarray(0, one))
    else {
      parts.push(bytes.subarray(position + wanted, position + wanted + one))
      wanted += one
    }
    length += one
  }
  return { parts, wanted, length }
}
