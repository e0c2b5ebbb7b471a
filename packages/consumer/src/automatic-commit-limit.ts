/** Those of the client that are open. */
interface Transactions {
  /** How many have begun. */
  readonly mark: number
  /** The mark of the one that has been open longest. */
  readonly oldest: number | undefined
}

interface Finished {
  readonly mark: number
  /** What a commit would have said before the first record was finished after that. */
  readonly offset: number
}

/** What was finished while a transaction ran that was aborted: from the first offset to before the second. */
interface Aborted {
  readonly from: number
  readonly to: number
}

/**
 * Up to where a partition may be committed automatically while transactions of the same client are open: until one of them names the consumer
 * whose offsets it commits, what is finished within its body may belong to it, and would be lost with it when it is aborted. What was finished in a
 * transaction that was aborted waits for a later record to be finished; the worst that comes of it is that some records are read again.
 */
export class AutomaticCommitLimit {
  #seen = 0
  /** In the order of marks and offsets. */
  #finished: Finished[] = []
  /** In the order of offsets, apart from each other. */
  #aborted: Aborted[] = []

  /**
   * To be called before a record is finished.
   *
   * @param offset what a commit would say now
   */
  note(transactions: Transactions, offset: number | undefined): void {
    const { mark } = transactions
    if (mark === this.#seen) return
    this.#seen = mark
    this.forget(transactions)
    this.#finished.push({ mark, offset: offset ?? 0 })
  }

  /** Forgets what no open transaction is about, and what is committed. */
  forget({ oldest = Number.POSITIVE_INFINITY }: Transactions, committed = -1): void {
    this.#finished = this.#finished.filter(({ mark }) => mark >= oldest)
    this.#aborted = this.#aborted.filter(({ to }) => to > committed)
  }

  /** A transaction is aborted. @param offset what a commit would say now */
  abort(mark: number, offset: number): void {
    const first = this.#firstSince(mark)
    if (first === undefined || first >= offset) return
    const apart = this.#aborted.filter(({ to }) => to < first)
    const from = this.#aborted.reduce((lowest, one) => (one.to < first ? lowest : Math.min(lowest, one.from)), first)
    this.#aborted = [...apart, { from, to: offset }]
  }

  /**
   * @param offset what a commit would say now
   * @param oldest the mark of the transaction that is open longest
   * @returns what an automatic commit may say
   */
  of(offset: number, oldest: number | undefined): number {
    let limit = oldest === undefined ? offset : Math.min(offset, this.#firstSince(oldest) ?? offset)
    for (const { from, to } of this.#aborted.toReversed()) if (limit > from && limit <= to) limit = from
    return limit
  }

  /** What a commit would have said when the transaction began, as far as something was finished since. */
  #firstSince(oldest: number): number | undefined {
    return this.#finished.find(({ mark }) => mark >= oldest)?.offset
  }
}
