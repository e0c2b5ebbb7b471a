/**
 * Which records of one partition were given out and which of them are finished. Commits stop at the lowest unfinished one, so that a
 * crash repeats records and never skips one.
 */
export class OffsetTracker {
  /** Given out and not yet committable, in the order of their offsets. */
  readonly #pending: { readonly offset: number; isFinished: boolean }[] = []
  /** The offset after the last record that is finished with all before it; undefined when there is none. */
  #finishedTo: number | undefined

  /** The offset up to which everything given out is finished. */
  get finishedTo(): number | undefined {
    return this.#finishedTo
  }

  /** Whether something was given out that is not finished. */
  get hasUnfinished(): boolean {
    return this.#pending.length > 0
  }

  /** A record was given out. Offsets only grow. */
  begin(offset: number): void {
    this.#pending.push({ offset, isFinished: false })
  }

  finish(offset: number): void {
    const entry = this.#pending.find((pending) => pending.offset === offset)
    if (entry) entry.isFinished = true
    this.#advance()
  }

  /** Everything up to and with the offset is finished, because somebody commits it. */
  finishThrough(offset: number): void {
    for (const pending of this.#pending) if (pending.offset <= offset) pending.isFinished = true
    this.#advance()
    if (this.#finishedTo === undefined || this.#finishedTo <= offset) this.#finishedTo = offset + 1
  }

  #advance(): void {
    while (this.#pending[0]?.isFinished) this.#finishedTo = (this.#pending.shift() as { offset: number }).offset + 1
  }
}
