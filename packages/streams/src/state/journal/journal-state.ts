import type { Checkpoint } from '../state-storage.ts'
import { JournalFiles } from './journal-files.ts'
import type { JournalMeta } from './journal-meta.ts'
import { KeyIndex } from './key-index.ts'

export interface StoreIndex {
  readonly name: string
  readonly number: number
  readonly index: KeyIndex
}

/** How many numbers stores can have. */
const storeNumbers = 2 ** 16

/** What a journal holds: for each store where its records lie, and the checkpoint. */
export class JournalState {
  /** That of the hashes of keys. */
  readonly seed: number
  readonly files: JournalFiles
  checkpoint: Checkpoint = {}
  readonly #byName = new Map<string, StoreIndex>()
  readonly #byNumber = new Map<number, StoreIndex>()

  constructor(seed: number, files = new JournalFiles()) {
    this.seed = seed
    this.files = files
  }

  get stores(): Iterable<StoreIndex> {
    return this.#byName.values()
  }

  store(name: string): StoreIndex | undefined {
    return this.#byName.get(name)
  }

  storeByNumber(number: number): StoreIndex | undefined {
    return this.#byNumber.get(number)
  }

  /** A store with a number that none has, and without records. */
  newStore(name: string, besides: readonly StoreIndex[] = []): StoreIndex {
    const taken = new Set([...this.#byNumber.keys(), ...besides.map((store) => store.number)])
    let number = Math.max(-1, ...taken) + 1
    if (number === storeNumbers) for (number = 0; taken.has(number);) number++
    return { name, number, index: new KeyIndex() }
  }

  /** In place of the store that has the name. */
  setStore(store: StoreIndex): void {
    const before = this.#byName.get(store.name)
    if (before) this.#byNumber.delete(before.number)
    this.#byName.set(store.name, store)
    this.#byNumber.set(store.number, store)
  }

  /** What is in force, with these stores in the place of those by their names. */
  meta(checkpoint: Checkpoint, fresh: readonly StoreIndex[], live: ReadonlyMap<number, number>): JournalMeta {
    const stores = new Map([...this.#byName.values(), ...fresh].map(({ name, number }) => [name, number]))
    const files = this.files.all.map(({ id, liveBytes }) => [id, Math.max(0, liveBytes + (live.get(id) ?? 0))] as const)
    return { checkpoint, stores: [...stores], files }
  }

  /** Takes over what was read: stores that have another number have no records. */
  restoreMeta({ checkpoint, stores }: JournalMeta): void {
    this.checkpoint = checkpoint
    for (const [name, number] of stores)
      if (this.#byName.get(name)?.number !== number) this.setStore({ name, number, index: new KeyIndex() })
  }
}
