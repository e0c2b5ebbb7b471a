import type { Checkpoint } from '../state-storage.ts'
import { JournalFiles } from './journal-files.ts'
import { type JournalMeta, storeNumbers } from './journal-meta.ts'
import { KeyIndex } from './key-index.ts'

export interface StoreIndex {
  readonly name: string
  readonly number: number
  readonly index: KeyIndex
}

/** The content of a journal: the places of records for each store, and the checkpoint. */
export class JournalState {
  /** The seed of key hashes. */
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

  /** An empty store with an unused number. */
  newStore(name: string, besides: readonly StoreIndex[] = []): StoreIndex {
    const taken = new Set([...this.#byNumber.keys(), ...besides.map((store) => store.number)])
    let number = Math.max(-1, ...taken) + 1
    if (number === storeNumbers) for (number = 0; taken.has(number);) number++
    return { name, number, index: new KeyIndex() }
  }

  /** Replaces the store of that name. */
  setStore(store: StoreIndex): void {
    const before = this.#byName.get(store.name)
    if (before) this.#byNumber.delete(before.number)
    this.#byName.set(store.name, store)
    this.#byNumber.set(store.number, store)
  }

  /** The state in effect, with these stores instead of those with the same names. */
  meta(checkpoint: Checkpoint, fresh: readonly StoreIndex[], live: ReadonlyMap<number, number>): JournalMeta {
    const stores = new Map([...this.#byName.values(), ...fresh].map(({ name, number }) => [name, number]))
    const files = this.files.all.map(({ id, liveBytes }) => [id, Math.max(0, liveBytes + (live.get(id) ?? 0))] as const)
    return { checkpoint, stores: [...stores], files }
  }

  /** Restores what was read; a store with another number has no records. */
  restoreMeta({ checkpoint, stores }: JournalMeta): void {
    this.checkpoint = checkpoint
    for (const [name, number] of stores)
      if (this.#byName.get(name)?.number !== number) this.setStore({ name, number, index: new KeyIndex() })
  }
}
