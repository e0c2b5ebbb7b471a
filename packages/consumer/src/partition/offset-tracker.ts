interface Pending {
  readonly offset: number
  isFinished: boolean
  isReleased: boolean
}

/**
 * Tracks which records of one partition were given out, and which of them are finished. Commits stop at the lowest
 * unfinished one, so a crash repeats records and never skips one.
 */
export class OffsetTracker {
  /** Records given out and not yet committable, by offset; those before index `#first` are done. */
  #pending: Pending[] = []
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
    for (let index = this.#first; index < this.#pending.length; index++) {
      const { offset, isFinished, isReleased } = this.#pending[index] as Pending
      if (!isFinished && !isReleased) return offset
    }
    return undefined
  }

  /** The offset from which records have to be read again, because one was handed back unprocessed. */
  get readAgainFrom(): number | undefined {
    const pending = this.#pending.slice(this.#first)
    return pending.some(({ isReleased }) => isReleased) ? pending[0]?.offset : undefined
  }

  /** How many records given out are not covered by a commit. */
  get pending(): number {
    return this.#pending.length - this.#first
  }

  /** A record was given out. Offsets only grow. */
  begin(offset: number): void {
    this.#firstGivenOut ??= offset
    this.#pending.push({ offset, isFinished: false, isReleased: false })
    this.#unfinished++
  }

  finish(offset: number): void {
    const pending = this.#find(offset)
    if (!pending || pending.isFinished || pending.isReleased) return
    pending.isFinished = true
    this.#unfinished--
    this.#finished++
    this.#advance()
  }

  /** A record was handed back unprocessed. From it on, this tracker commits nothing any more. */
  release(offset: number): void {
    const pending = this.#find(offset)
    if (!pending || pending.isFinished || pending.isReleased) return
    pending.isReleased = true
    this.#unfinished--
  }

  /** Finishes every record up to and including the offset, because somebody commits it. */
  finishThrough(offset: number): void {
    for (let index = this.#first; index < this.#pending.length; index++) {
      const pending = this.#pending[index] as Pending
      if (pending.offset > offset) break
      if (!pending.isFinished && !pending.isReleased) this.#unfinished--
      pending.isFinished = true
    }
    this.#advance()
    if (this.#finishedTo === undefined || this.#finishedTo <= offset) this.#finishedTo = offset + 1
  }

  /** The records are in order of their offsets, and mostly the first one is asked for. */
  #find(offset: number): Pending | undefined {
    let [low, high] = [this.#first, this.#pending.length - 1]
    if (this.#pending[low]?.offset === offset) return this.#pending[low]
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.#pending[middle] as Pending
      if (found.offset === offset) return found
      if (found.offset < offset) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  #advance(): void {
    for (let next = this.#pending[this.#first]; next?.isFinished; next = this.#pending[this.#first]) {
      this.#finishedTo = next.offset + 1
      this.#first++
    }
    // Finished records are cut off only now and then: each cut moves all the others.
    if (this.#first === this.#pending.length) {
      this.#pending.length = 0
      this.#first = 0
    } else if (this.#first > 1000) {
      this.#pending = this.#pending.slice(this.#first)
      this.#first = 0
    }
  }
}
