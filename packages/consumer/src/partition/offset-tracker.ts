interface Pending {
  readonly offset: number
  isFinished: boolean
  isReleased: boolean
}

/**
 * Which records of one partition were given out and which of them are finished. Commits stop at the lowest unfinished
 * one, so that a crash repeats records and never skips one.
 */
export class OffsetTracker {
  /** Given out and not yet committable, in the order of their offsets; those before `#first` are done with. */
  #pending: Pending[] = []
  #first = 0
  #unfinished = 0
  #finished = 0
  /** The offset after the last record that is finished with all before it; undefined when there is none. */
  #finishedTo: number | undefined
  #firstGivenOut: number | undefined

  /** The offset of the first record that was given out. */
  get firstGivenOut(): number | undefined {
    return this.#firstGivenOut
  }

  /** The offset up to which everything given out is finished. */
  get finishedTo(): number | undefined {
    return this.#finishedTo
  }

  /** Whether everything that was given out is finished. */
  get isFinished(): boolean {
    return this.pending === 0
  }

  /** Whether something was given out that is still worked on. */
  get isWorkedOn(): boolean {
    return this.#unfinished > 0
  }

  /** How many records have been finished so far. */
  get finished(): number {
    return this.#finished
  }

  /** The offset of the first record that is still worked on. */
  get lowestUnfinished(): number | undefined {
    if (this.#unfinished === 0) return undefined
    for (let index = this.#first; index < this.#pending.length; index++) {
      const { offset, isFinished, isReleased } = this.#pending[index] as Pending
      if (!isFinished && !isReleased) return offset
    }
    return undefined
  }

  /** How many records were given out that no commit covers. */
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

  /** A record was handed back without being worked on. Nothing from it on is committed by this tracker any more. */
  release(offset: number): void {
    const pending = this.#find(offset)
    if (!pending || pending.isFinished || pending.isReleased) return
    pending.isReleased = true
    this.#unfinished--
  }

  /** Everything up to and with the offset is finished, because somebody commits it. */
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

  /** The records are in the order of their offsets, and mostly it is the first that is asked for. */
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
    // What is done with is cut off now and then, as cutting off one at a time would move all the others each time.
    if (this.#first === this.#pending.length) {
      this.#pending.length = 0
      this.#first = 0
    } else if (this.#first > 1000) {
      this.#pending = this.#pending.slice(this.#first)
      this.#first = 0
    }
  }
}
