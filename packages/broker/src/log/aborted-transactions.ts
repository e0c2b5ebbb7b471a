import type { AbortedTransaction } from '@kafkado/core/protocol'
import type { StoredAbortedTransaction } from '../storage/metadata-record.ts'
import type { StorageChanges } from '../storage/storage.ts'

interface Aborted extends StoredAbortedTransaction {
  /** The offset of the marker. */
  readonly lastOffset: number
}

/** The aborted transactions of one log, in the order of their markers. */
export class AbortedTransactions {
  readonly #logId: number
  #aborted: Aborted[] = []

  constructor(logId: number) {
    this.#logId = logId
  }

  restore(lastOffset: number, { producerId, firstOffset }: StoredAbortedTransaction): void {
    this.#aborted.push({ producerId, firstOffset, lastOffset })
    this.#aborted.sort((left, right) => left.lastOffset - right.lastOffset)
  }

  add(changes: StorageChanges, producerId: number, firstOffset: number, lastOffset: number): void {
    this.#aborted.push({ producerId, firstOffset, lastOffset })
    changes.put('aborted', [this.#logId, lastOffset], { producerId, firstOffset })
  }

  /** Those that reach into a range, as a fetch of it lists them: also when their marker lies beyond. */
  within(fromOffset: number, untilOffset: number): AbortedTransaction[] {
    return this.#from(fromOffset)
      .filter(({ firstOffset }) => firstOffset < untilOffset)
      .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
  }

  /** Whether a record of the producer at that offset was aborted. */
  covers(producerId: number, offset: number): boolean {
    return this.#from(offset).some((aborted) => aborted.producerId === producerId && aborted.firstOffset <= offset)
  }

  /** Forgets the one whose marker is there, with the unit after which none of its records is left. */
  forget(changes: StorageChanges, lastOffset: number): void {
    if (this.#from(lastOffset)[0]?.lastOffset !== lastOffset) return
    changes.put('aborted', [this.#logId, lastOffset], null)
    changes.afterCommit.push(() => {
      this.#aborted = this.#aborted.filter((aborted) => aborted.lastOffset !== lastOffset)
    })
  }

  /** Forgets those that end before an offset. */
  trim(changes: StorageChanges, beforeOffset: number): void {
    const kept = this.#from(beforeOffset)
    for (const { lastOffset } of this.#aborted.slice(0, this.#aborted.length - kept.length))
      changes.put('aborted', [this.#logId, lastOffset], null)
    this.#aborted = kept
  }

  /** Those whose marker is at the offset or after it. */
  #from(offset: number): Aborted[] {
    let low = 0
    let high = this.#aborted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#aborted[middle] as Aborted).lastOffset >= offset) high = middle
      else low = middle + 1
    }
    return this.#aborted.slice(low)
  }
}
