import { TransactionScope } from '@kafkado/core/internal'

/** The transaction in whose body this call is made. Browsers have an imitation of this file. */
export function presentScope(): TransactionScope | undefined {
  return TransactionScope.current
}

/** Records given out one after the other, from the first to the last offset. */
interface Read {
  /** The transaction whose body read them; undefined outside of transactions. */
  readonly scope: TransactionScope | undefined
  readonly first: number
  last: number
}

/** How far a partition is processed. */
interface Processed {
  /** The offset that a commit would contain. */
  readonly to: number
  /** The offset after the last record that is finished together with all before it; undefined when there is none. */
  readonly finishedTo: number | undefined
}

/**
 * The reads of a partition within bodies of transactions that have not named its consumer. Automatic commits leave them
 * out until the transaction is committed: an abort would lose those records. After an abort they stay left out until a
 * later record is processed, which shows that the user continues past them.
 */
export class TransactionReads {
  /** In the order of reading; the first one always belongs to a transaction. */
  #reads: Read[] = []

  /** Records were given out, one or several, in the body of a transaction or outside of any. */
  add(scope: TransactionScope | undefined, first: number, last: number = first): void {
    const before = this.#reads.at(-1)
    if (!before && !scope) return
    if (before && before.scope === scope && first > before.last) before.last = last
    else this.#reads.push({ scope, first, last })
  }

  /** The position was moved: records from there on are read again. */
  moveTo(position: number): void {
    this.#reads = this.#reads
      .filter(({ first }) => first < position)
      .map((read) => ({ ...read, last: Math.min(read.last, position - 1) }))
  }

  /** Records before the offset are committed. */
  forgetBefore(offset: number): void {
    if (this.#reads.length === 0) return
    const left = this.#reads.filter(({ last }) => last >= offset)
    const first = left.findIndex(({ scope }) => scope && scope.outcome !== 'committed')
    this.#reads = first === -1 ? [] : left.slice(first)
  }

  /** Transactions that are still open. */
  get open(): TransactionScope[] {
    const scopes = new Set(this.#reads.flatMap(({ scope }) => scope ?? []))
    return [...scopes].filter(({ outcome }) => outcome === 'open')
  }

  /** How far an automatic commit may go. */
  limitOf({ to, finishedTo = 0 }: Processed): number {
    const open = this.#reads.findIndex(({ scope }) => scope?.outcome === 'open')
    let end = Math.min(to, this.#reads[open]?.first ?? to)
    const decided = open === -1 ? this.#reads : this.#reads.slice(0, open)
    for (const { scope, first } of decided.toReversed()) {
      if (scope?.outcome === 'aborted') end = Math.min(end, first)
      else if (finishedTo > first) break
    }
    return end
  }
}
