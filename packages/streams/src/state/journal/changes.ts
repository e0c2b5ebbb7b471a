import { yieldToEventLoop } from '@kafkado/core/internal'
import type { StateChange } from '../state-storage.ts'
import type { JournalState, StoreIndex } from './journal-state.ts'
import { hashOfKey } from './key-hash.ts'
import { type Address, nowhere } from './key-index.ts'
import { recordHeadBytes } from './frame.ts'
import type { RecordReader } from './record-reader.ts'
import type { Unit } from './unit.ts'

/** After so many changes, others get their turn; also after so many reads of the disk, which may be slow. */
const changesPerTurn = 2000
const looksPerTurn = 250

/** Puts changes of stores into a unit, and looks up the records they replace. */
export class Changes {
  readonly #state: JournalState
  readonly #records: RecordReader
  readonly #unit: Unit
  readonly #stores = new Map<string, StoreIndex>()
  /** Stores that are not in effect yet. */
  readonly fresh: StoreIndex[] = []
  /** The unit's records by hash; a key may occur twice. */
  readonly #added = new Map<number, Added>()
  #looks = 0

  constructor(state: JournalState, records: RecordReader, unit: Unit) {
    this.#state = state
    this.#records = records
    this.#unit = unit
  }

  async add(changes: readonly StateChange[]): Promise<void> {
    let sinceTurn = 0
    for (const change of changes) {
      this.#add(change)
      if (this.#unit.isFrameFull) {
        await this.#unit.writeFrame()
        sinceTurn = 0
        this.#looks = 0
      } else if (++sinceTurn >= changesPerTurn || this.#looks >= looksPerTurn) {
        await yieldToEventLoop()
        sinceTurn = 0
        this.#looks = 0
      }
    }
  }

  #add(change: StateChange): void {
    const { key, value } = change
    const store = this.#store(change.store)
    const hash = hashOfKey(key, this.#state.seed)
    let added = this.#added.get(hash)
    while (added && !(added.store === store && isSame(added.key, key))) added = added.before
    const replaced = added ?? this.#stored(store, hash, key)
    // There is nothing to remove.
    if (value === null && (!replaced || replaced.address === nowhere)) return
    this.#unit.add(store, hash, replaced?.address ?? nowhere, replaced?.length ?? 0, key, value)
    const address = this.#unit.lastAddress
    const length = recordHeadBytes + key.length + (value?.length ?? 0)
    if (added) {
      added.address = address
      added.length = length
    } else this.#added.set(hash, { store, key, address, length, before: this.#added.get(hash) })
  }

  #stored(store: StoreIndex, hash: number, key: Uint8Array): { address: Address; length: number } | undefined {
    return store.index.find(hash, (address) => {
      this.#looks++
      const length = this.#records.recordLength(address, store, key)
      return length === undefined ? undefined : { address, length }
    })
  }

  #store(name: string): StoreIndex {
    let store = this.#stores.get(name)
    if (!store) {
      store = this.#state.store(name)
      if (!store) this.fresh.push((store = this.#state.newStore(name, this.fresh)))
      this.#stores.set(name, store)
    }
    return store
  }
}

/** The last record of a key in a unit. */
interface Added {
  readonly store: StoreIndex
  readonly key: Uint8Array
  /** Nowhere once it is removed. */
  address: Address
  length: number
  readonly before: Added | undefined
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}
