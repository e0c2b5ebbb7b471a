/** The place of a record: the number of its file's slot, and the byte in the file. */
export type Address = number
/** Stands for no address. */
export const nowhere: Address = -1

const perFile = 2 ** 32

export const addressOf = (slot: number, offset: number): Address => slot * perFile + offset
export const slotOf = (address: Address): number => Math.floor(address / perFile)
export const offsetOf = (address: Address): number => address % perFile

const smallestCapacity = 16
/** A larger bucket is divided, so that no change takes long, however many keys there are. */
const largestCapacity = 4096
const fullest = 0.85
/** Deeper buckets are not divided: it would not help when so many hashes are alike. */
const deepest = 16

/** Some entries; each has the same place in all three lists. */
export interface IndexPart {
  readonly hashes: Uint32Array
  readonly offsets: Uint32Array
  readonly slots: Uint16Array
}

/**
 * The place of each key's record in a store, by a hash of the key: ten bytes per entry, of which at most 85 % are in
 * use (and half of that just after buckets were divided). Keys are not in memory: entries with the same hash are told
 * apart by reading them.
 *
 * Extendible hashing: the upper bits of a hash choose a bucket, which is a table with open addressing.
 */
export class KeyIndex {
  #buckets: Bucket[]
  #depth: number
  #size = 0
  /** How many entries lead to each slot. */
  readonly #inSlots: number[] = []

  /** @param expected the number of entries to add at once */
  constructor(expected = 0) {
    const full = largestCapacity * fullest
    this.#depth = Math.min(deepest, Math.max(0, Math.ceil(Math.log2(expected / full) + 0.1)))
    const capacity = expected > full / 2 ? largestCapacity : smallestCapacity
    this.#buckets = Array.from({ length: 2 ** this.#depth }, () => new Bucket(this.#depth, capacity))
  }

  get size(): number {
    return this.#size
  }

  /** The first result of `look` for an address with that hash. */
  find<T>(hash: number, look: (address: Address) => T | undefined): T | undefined {
    const bucket = this.#bucketOf(hash)
    const mask = bucket.hashes.length - 1
    for (let at = hash & mask; bucket.slots[at] !== 0; at = (at + 1) & mask) {
      if (bucket.hashes[at] !== hash) continue
      const found = look(bucket.addressAt(at))
      if (found !== undefined) return found
    }
    return undefined
  }

  has(hash: number, address: Address): boolean {
    return this.#bucketOf(hash).placeOf(hash, address) >= 0
  }

  /**
   * Replaces an entry.
   *
   * @param from the entry to remove, if it exists; or nowhere
   * @param to the entry to add; or nowhere
   */
  change(hash: number, from: Address, to: Address): void {
    let bucket = this.#bucketOf(hash)
    const at = from === nowhere ? -1 : bucket.placeOf(hash, from)
    if (at >= 0) {
      this.#count(from, -1)
      if (to !== nowhere) this.#count(to, 1)
      if (to === nowhere) {
        bucket.removeAt(at)
        this.#size--
      } else bucket.setAt(at, hash, to)
      return
    }
    if (to === nowhere) return
    while (bucket.isFull) {
      this.#enlarge(bucket, hash)
      bucket = this.#bucketOf(hash)
    }
    bucket.insert(hash, to)
    this.#count(to, 1)
    this.#size++
  }

  /** The least offset among the entries in a slot; undefined if there are none. */
  firstIn(slot: number): number | undefined {
    if ((this.#inSlots[slot] ?? 0) === 0) return undefined
    let first = Number.POSITIVE_INFINITY
    this.forEach((_, address) => {
      if (slotOf(address) === slot) first = Math.min(first, offsetOf(address))
    })
    return first
  }

  forEach(visit: (hash: number, address: Address) => void): void {
    for (const bucket of new Set(this.#buckets)) bucket.forEach(visit)
  }

  /** All entries, some at a time. Nothing may change meanwhile. */
  *parts(): Generator<IndexPart> {
    for (const bucket of new Set(this.#buckets)) yield bucket.entries()
  }

  /**
   * Adds new entries.
   *
   * @param slots the number of each slot here; entries in other slots are left out
   */
  load({ hashes, offsets, slots: numbers }: IndexPart, slots: ReadonlyMap<number, number>): void {
    for (let at = 0; at < hashes.length; at++) {
      const slot = slots.get(numbers[at] as number)
      if (slot !== undefined) this.change(hashes[at] as number, nowhere, addressOf(slot, offsets[at] as number))
    }
  }

  /** Removes the entries in other slots. */
  keepSlots(slots: ReadonlySet<number>): void {
    const gone: (readonly [hash: number, address: Address])[] = []
    this.forEach((hash, address) => {
      if (!slots.has(slotOf(address))) gone.push([hash, address])
    })
    for (const [hash, address] of gone) this.change(hash, address, nowhere)
  }

  #count(address: Address, entries: number): void {
    const slot = slotOf(address)
    this.#inSlots[slot] = (this.#inSlots[slot] ?? 0) + entries
  }

  #bucketOf(hash: number): Bucket {
    return this.#buckets[this.#depth === 0 ? 0 : hash >>> (32 - this.#depth)] as Bucket
  }

  #enlarge(bucket: Bucket, hash: number): void {
    const { depth } = bucket
    // Equal hashes always get into the same bucket.
    if (bucket.hashes.length < largestCapacity || depth === deepest) {
      this.#replace(bucket, hash, bucket.copied(bucket.hashes.length * 2), undefined)
      return
    }
    if (depth === this.#depth) {
      this.#buckets = this.#buckets.flatMap((one) => [one, one])
      this.#depth++
    }
    const [lower, upper] = [new Bucket(depth + 1, largestCapacity), new Bucket(depth + 1, largestCapacity)]
    const bit = 1 << (31 - depth)
    bucket.forEach((one, address) => (one & bit ? upper : lower).insert(one, address))
    this.#replace(bucket, hash, lower, upper)
  }

  /** Replaces a bucket by one, or by one for each half, everywhere in the directory. */
  #replace(bucket: Bucket, hash: number, lower: Bucket, upper: Bucket | undefined): void {
    const places = 2 ** (this.#depth - bucket.depth)
    const first = bucket.depth === 0 ? 0 : (hash >>> (32 - bucket.depth)) * places
    for (let index = 0; index < places; index++)
      this.#buckets[first + index] = upper && index >= places / 2 ? upper : lower
  }
}

class Bucket {
  readonly depth: number
  readonly hashes: Uint32Array
  readonly #offsets: Uint32Array
  /** One more than the slot of the file; 0 for no entry. */
  readonly slots: Uint16Array
  #size = 0

  constructor(depth: number, capacity: number) {
    this.depth = depth
    this.hashes = new Uint32Array(capacity)
    this.#offsets = new Uint32Array(capacity)
    this.slots = new Uint16Array(capacity)
  }

  get isFull(): boolean {
    return this.#size + 1 > this.hashes.length * fullest
  }

  addressAt(at: number): Address {
    return addressOf((this.slots[at] as number) - 1, this.#offsets[at] as number)
  }

  placeOf(hash: number, address: Address): number {
    const [slot, offset, mask] = [slotOf(address) + 1, offsetOf(address), this.hashes.length - 1]
    for (let at = hash & mask; this.slots[at] !== 0; at = (at + 1) & mask)
      if (this.#offsets[at] === offset && this.slots[at] === slot && this.hashes[at] === hash) return at
    return -1
  }

  insert(hash: number, address: Address): void {
    const mask = this.hashes.length - 1
    let at = hash & mask
    while (this.slots[at] !== 0) at = (at + 1) & mask
    this.setAt(at, hash, address)
    this.#size++
  }

  setAt(at: number, hash: number, address: Address): void {
    this.hashes[at] = hash
    this.#offsets[at] = offsetOf(address)
    this.slots[at] = slotOf(address) + 1
  }

  /** Moves up later entries that would not be found any more. */
  removeAt(at: number): void {
    const mask = this.hashes.length - 1
    let hole = at
    for (let next = (hole + 1) & mask; this.slots[next] !== 0; next = (next + 1) & mask) {
      const wanted = (this.hashes[next] as number) & mask
      if (((next - wanted) & mask) < ((next - hole) & mask)) continue
      this.hashes[hole] = this.hashes[next] as number
      this.#offsets[hole] = this.#offsets[next] as number
      this.slots[hole] = this.slots[next] as number
      hole = next
    }
    this.slots[hole] = 0
    this.#size--
  }

  copied(capacity: number): Bucket {
    const copy = new Bucket(this.depth, capacity)
    this.forEach((hash, address) => copy.insert(hash, address))
    return copy
  }

  entries(): IndexPart {
    const places: number[] = []
    for (let at = 0; at < this.slots.length; at++) if (this.slots[at] !== 0) places.push(at)
    return {
      hashes: Uint32Array.from(places, (at) => this.hashes[at] as number),
      offsets: Uint32Array.from(places, (at) => this.#offsets[at] as number),
      slots: Uint16Array.from(places, (at) => (this.slots[at] as number) - 1),
    }
  }

  forEach(visit: (hash: number, address: Address) => void): void {
    for (let at = 0; at < this.slots.length; at++)
      if (this.slots[at] !== 0) visit(this.hashes[at] as number, this.addressAt(at))
  }
}
