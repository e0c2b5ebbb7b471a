import type { Changes } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'

/** Producer ids in a row. */
interface Range {
  readonly first: number
  readonly count: number
  readonly owner: string
}

/** The most ranges of one principal: a million producers, in a row with those of others. Its oldest are forgotten. */
const mostRangesEach = 1000
/** The most ranges of all, about 10 MB. The oldest of all are forgotten, and their ids are nobody's. */
const mostRanges = 100_000

/**
 * Who has which producer ids. Ids are reserved in blocks for one principal, and adjacent blocks of one principal are
 * one range, so this stays small however many producers there are.
 */
export class ProducerOwners {
  /** In the order of their ids. */
  readonly #ranges: Range[] = []
  /** How many ranges each principal has. */
  readonly #counts = new Map<string, number>()

  replay({ path: [first], value }: MetadataRecord<'producerOwner'>): void {
    const place = this.#placeOf(first)
    const known = this.#ranges[place]
    const isKnown = known?.first === first
    if (isKnown) this.#count(known.owner, -1)
    if (value) {
      this.#count(value.owner, 1)
      this.#ranges.splice(isKnown ? place : place + 1, isKnown ? 1 : 0, { first, ...value })
    } else if (isKnown) this.#ranges.splice(place, 1)
  }

  /** Notes the owner of a block behind all others. */
  add(changes: Changes, first: number, count: number, owner: string): void {
    const last = this.#ranges.at(-1)
    if (last?.owner === owner && last.first + last.count === first) {
      changes.put('producerOwner', [last.first], { owner, count: last.count + count })
      return
    }
    const isFull = (this.#counts.get(owner) ?? 0) >= mostRangesEach
    const oldest = isFull ? this.#ranges.find((range) => range.owner === owner) : this.#oldestOfTooMany()
    if (oldest) changes.put('producerOwner', [oldest.first], null)
    changes.put('producerOwner', [first], { owner, count })
  }

  /** Undefined for an id that was given to nobody in particular, or not at all. */
  ownerOf(producerId: number): string | undefined {
    const range = this.#ranges[this.#placeOf(producerId)]
    return range && producerId < range.first + range.count ? range.owner : undefined
  }

  /** Whether the principal has the id. Without a principal, everything is allowed. */
  mayUse(principal: string | undefined, producerId: number): boolean {
    return principal === undefined || this.ownerOf(producerId) === principal
  }

  #oldestOfTooMany(): Range | undefined {
    return this.#ranges.length >= mostRanges ? this.#ranges[0] : undefined
  }

  #count(owner: string, more: number): void {
    const count = (this.#counts.get(owner) ?? 0) + more
    if (count > 0) this.#counts.set(owner, count)
    else this.#counts.delete(owner)
  }

  /** The place of the last range that begins at the id or before it; −1 if there is none. */
  #placeOf(producerId: number): number {
    let [low, high] = [0, this.#ranges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ranges[middle] as Range).first <= producerId) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
