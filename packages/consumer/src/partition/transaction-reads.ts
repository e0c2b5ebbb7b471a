import type { TransactionScope } from '@kafkado/core/internal'

/** Records that were given out one after the other, from the first to the last offset. */
interface Read {
  /** The transaction in whose body they were; undefined outside of all. */
  readonly scope: TransactionScope | undefined
  readonly first: number
  last: number
}

/** Up to where a partition is processed. */
interface Processed {
  /** What a commit would say. */
  readonly to: number
  /** The offset after the last record that is finished with all before it; undefined when there is none. */
  readonly finishedTo: number | undefined
}

/**
 * What of a partition was read within bodies of transactions that have not named its consumer. Automatic commits leave
 * it out until the transaction is committed, as it would be lost if that is aborted. After an abort it is left out
 * until a later record is processed, by which the user goes on.
 */
export class TransactionReads {
  /** In the order in which they were read; the first of them is one of a transaction. */
  #reads: Read[] = []

  /** A record was given out, within the body of a transaction or outside of all. */
  add(scope: TransactionScope | undefined, offset: number): void {
    const last = this.#reads.at(-1)
    if (!last && !scope) return
    if (last && last.scope === scope && offset > last.last) last.last = offset
    else this.#reads.push({ scope, first: offset, last: offset })
  }

  /** The position was moved: what comes from there on is read again. */
  moveTo(position: number): void {
    this.#reads = this.#reads
      .filter(({ first }) => first < position)
      .map((read) => ({ ...read, last: Math.min(read.last, position - 1) }))
  }

  /** What comes before the offset is committed. */
  forgetBefore(offset: number): void {
    if (this.#reads.length === 0) return
    const left = this.#reads.filter(({ last }) => last >= offset)
    const first = left.findIndex(({ scope }) => scope && scope.outcome !== 'committed')
    this.#reads = first === -1 ? [] : left.slice(first)
  }

  /** Those which are not over yet. */
  get open(): TransactionScope[] {
    const scopes = new Set(this.#reads.flatMap(({ scope }) => scope ?? []))
    return [...scopes].filter(({ outcome }) => outcome === 'open')
  }

  /** What an automatic commit may say. */
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
