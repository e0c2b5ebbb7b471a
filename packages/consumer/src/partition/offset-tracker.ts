/** What became of a record given out, as bits: numbers side by side, as an object a record would cost more. */
const finishedBit = 1
const releasedBit = 2

/**
 * Tracks which records of one partition were given out, and which of them are finished. Commits stop at the lowest
 * unfinished one, so a crash repeats records and never skips one.
 */
export class OffsetTracker {
  /** The offsets of records given out and not yet committable, in order; those before index `#first` are done. */
  #offsets: number[] = []
  /** What became of each. */
  #fates: number[] = []
  #first = 0
  #unfinished = 0
  #finished = 0
  /** The offset after the last record that is finished together with all before it; undefined when there is none. */
  #finishedTo: number | undefined
  #firstGivenOut: number | undefined

  /** The offset of the first record that was given out. */
  get firstGivenOut(): number | undefined {
    return this.#firstGivenOut
  }

  /** The offset up to which every record given out is finished. */
  get finishedTo(): number | undefined {
    return this.#finishedTo
  }

  /** Whether every record given out is finished. */
  get isFinished(): boolean {
    return this.pending === 0
  }

  /** Whether a record given out is still being processed. */
  get isWorkedOn(): boolean {
    return this.#unfinished > 0
  }

  /** How many records have been finished so far. */
  get finished(): number {
    return this.#finished
  }

  /** The offset of the first record that is still being processed. */
  get lowestUnfinished(): number | undefined {
    if (this.#unfinished === 0) return undefined
    return this.#offsets[this.#fates.indexOf(0, this.#first)]
  }

  /** The offset from which records have to be read again, because one was handed back unprocessed. */
  get readAgainFrom(): number | undefined {
    const isReleased = this.#fates.some((fate, index) => index >= this.#first && (fate & releasedBit) !== 0)
    return isReleased ? this.#offsets[this.#first] : undefined
  }

  /** How many records given out are not covered by a commit. */
  get pending(): number {
    return this.#offsets.length - this.#first
  }

  /** The offsets of the records before this one that are still being processed. */
  *unfinishedBefore(offset: number): Generator<number, undefined> {
    for (let index = this.#first; index < this.#offsets.length; index++) {
      const before = this.#offsets[index] as number
      if (before >= offset) break
      if (this.#fates[index] === 0) yield before
    }
    return undefined
  }

  /** A record was given out. Offsets only grow. */
  begin(offset: number): void {
    this.#firstGivenOut ??= offset
    this.#offsets.push(offset)
    this.#fates.push(0)
    this.#unfinished++
  }

  finish(offset: number): void {
    const index = this.#find(offset)
    if (index < 0 || this.#fates[index] !== 0) return
    this.#fates[index] = finishedBit
    this.#unfinished--
    this.#finished++
    this.#advance()
  }

  /** A record was handed back unprocessed. From it on, this tracker commits nothing any more. */
  release(offset: number): void {
    const index = this.#find(offset)
    if (index < 0 || this.#fates[index] !== 0) return
    this.#fates[index] = releasedBit
    this.#unfinished--
  }

  /** Finishes every record up to and including the offset, because somebody commits it. */
  finishThrough(offset: number): void {
    for (let index = this.#first; index < this.#offsets.length; index++) {
      if ((this.#offsets[index] as number) > offset) break
      const fate = this.#fates[index] as number
      if (fate === 0) this.#unfinished--
      this.#fates[index] = fate | finishedBit
    }
    this.#advance()
    if (this.#finishedTo === undefined || this.#finishedTo <= offset) this.#finishedTo = offset + 1
  }

  /** Its index; −1 when there is none. The offsets are in order, and mostly the first one is asked for. */
  #find(offset: number): number {
    let [low, high] = [this.#first, this.#offsets.length - 1]
    if (this.#offsets[low] === offset) return low
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.#offsets[middle] as number
      if (found === offset) return middle
      if (found < offset) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  #advance(): void {
    for (; ((this.#fates[this.#first] ?? 0) & finishedBit) !== 0; this.#first++)
      this.#finishedTo = (this.#offsets[this.#first] as number) + 1
    // Finished records are cut off only now and then: each cut moves all the others.
    if (this.#first <= 1000) return
    this.#offsets = this.#offsets.slice(this.#first)
    this.#fates = this.#fates.slice(this.#first)
    this.#first = 0
  }
}
