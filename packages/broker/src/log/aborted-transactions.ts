import { endOffsetOf } from '@kafkado/core/internal'
import type { AbortedTransaction } from '@kafkado/core/protocol'
import type { StoredAbortedTransaction } from '../storage/metadata-record.ts'
import type { Changes } from '../records/changes.ts'

interface Aborted extends StoredAbortedTransaction {
  /** The offset of the marker. */
  readonly lastOffset: number
}

/** The aborted transactions of one log, in the order of their markers. */
export class AbortedTransactions {
  readonly #logId: number
  readonly #aborted: Aborted[] = []

  constructor(logId: number) {
    this.#logId = logId
  }

  replay(lastOffset: number, stored: StoredAbortedTransaction | null): void {
    const place = this.#placeOf(lastOffset)
    const isThere = this.#aborted[place]?.lastOffset === lastOffset
    this.#aborted.splice(place, isThere ? 1 : 0, ...(stored ? [{ ...stored, lastOffset }] : []))
  }

  add(changes: Changes, producerId: number, firstOffset: number, lastOffset: number): void {
    changes.put('aborted', [this.#logId, lastOffset], { producerId, firstOffset })
  }

  /**
   * The aborted transactions with records in the bytes read from an offset on, as a fetch lists them, even if their
   * marker lies beyond.
   */
  within(fromOffset: number, records: Uint8Array): AbortedTransaction[] {
    const reaching = this.#from(fromOffset)
    if (reaching.length === 0) return []
    const untilOffset = endOffsetOf(records)
    return reaching
      .filter(({ firstOffset }) => firstOffset < untilOffset)
      .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
  }

  /** Whether a record of the producer at that offset was aborted. */
  covers(producerId: number, offset: number): boolean {
    return this.#from(offset).some((aborted) => aborted.producerId === producerId && aborted.firstOffset <= offset)
  }

  /** Forgets the one with that marker, in the unit that removes the last of its records. */
  forget(changes: Changes, lastOffset: number): void {
    if (this.#aborted[this.#placeOf(lastOffset)]?.lastOffset !== lastOffset) return
    changes.putWhenDurable('aborted', [this.#logId, lastOffset], null)
  }

  /** Forgets those that end before an offset. */
  trim(changes: Changes, beforeOffset: number): void {
    for (const { lastOffset } of this.#aborted.slice(0, this.#placeOf(beforeOffset)))
      changes.put('aborted', [this.#logId, lastOffset], null)
  }

  /** Those with a marker at the offset or after it. */
  #from(offset: number): Aborted[] {
    return this.#aborted.slice(this.#placeOf(offset))
  }

  #placeOf(offset: number): number {
    let low = 0
    let high = this.#aborted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#aborted[middle] as Aborted).lastOffset >= offset) high = middle
      else low = middle + 1
    }
    return low
  }
}
