/** Something that has an end in time. */
export interface Ending {
  readonly end: number
  /** Marks a removed entry, so that its removal need not search the index. */
  isRemoved: boolean
}

/**
 * Entries by the time of their end, to take out those that are over. Ends mostly grow, so the index keeps a sorted list
 * of distinct ends and searches from its end.
 */
export class TimeIndex<E extends Ending> {
  readonly #buckets = new Map<number, E[]>()
  #ends: number[] = []
  #first = 0

  /** The earliest end; Infinity when it is empty. */
  get earliest(): number {
    return this.#ends[this.#first] ?? Infinity
  }

  add(entry: E): void {
    const { end } = entry
    const bucket = this.#buckets.get(end)
    if (bucket) {
      bucket.push(entry)
      return
    }
    this.#buckets.set(end, [entry])
    const last = this.#ends.at(-1)
    if (last === undefined || last < end) this.#ends.push(end)
    else this.#ends.splice(this.#positionOf(end), 0, end)
  }

  /** Removes and returns the entries that end at `time` or before, in the order of their ends. */
  takeUntil(time: number): E[] {
    if (this.earliest > time) return []
    const taken: E[] = []
    for (let end = this.earliest; end <= time; end = this.earliest) {
      for (const entry of this.#buckets.get(end) ?? []) if (!entry.isRemoved) taken.push(entry)
      this.#buckets.delete(end)
      this.#first++
      if (this.#first === this.#ends.length) {
        this.#ends = []
        this.#first = 0
        break
      }
    }
    if (this.#first > 1000) {
      this.#ends = this.#ends.slice(this.#first)
      this.#first = 0
    }
    return taken
  }

  #positionOf(end: number): number {
    let [low, high] = [this.#first, this.#ends.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ends[middle] as number) < end) low = middle + 1
      else high = middle
    }
    return low
  }
}
