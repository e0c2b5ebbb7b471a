import { type Random, StorageError } from '@kafkado/core'
import { FoldersInUse } from '../folders-in-use.ts'
import type { Checkpoint, StateChange, StateStorage, StateTable } from '../state-storage.ts'
import { Changes } from './changes.ts'
import { snapshotNumber } from './index-snapshot.ts'
import type { JournalFolder } from './journal-folder.ts'
import { JournalSizes } from './journal-sizes.ts'
import type { JournalState, StoreIndex } from './journal-state.ts'
import { JournalWriter } from './journal-writer.ts'
import { hashOfKey } from './key-hash.ts'
import { slotOf } from './key-index.ts'
import { RecordReader } from './record-reader.ts'
import { type OpenedJournal, openJournal } from './recovery.ts'
import { storedEntries } from './stored-entries.ts'
import type { Unit } from './unit.ts'
import { Upkeep } from './upkeep.ts'
import type { InTurn } from './upkeep-parts.ts'

/** The files in which earlier versions of kafkado kept state. */
const formerFiles = ['state.mdb', 'state.mdb-lock']

export interface JournalStorageParts {
  readonly folder: JournalFolder
  readonly random: Random
  /** Called when all or some of the state is rebuilt from the changelog, with the reason. */
  readonly onLoss?: (why: string) => void
  readonly sizes?: JournalSizes
}

const usualSizes = new JournalSizes()

/** The folders open in this thread: a folder is opened when its previous user in this thread has closed it. */
const inUse = new FoldersInUse()

/**
 * Keeps the stores of a task in its own journal. The changelogs are the truth, so writes answer before a sync. After a
 * power cut or damage, the stores have the state of an earlier unit with its checkpoint; the rest is read from the
 * changelogs.
 *
 * The places of records are in memory; keys and values are only on the disk.
 */
export class JournalStateStorage implements StateStorage {
  readonly #folder: JournalFolder
  readonly #state: JournalState
  readonly #records: RecordReader
  readonly #writer: JournalWriter
  readonly #upkeep: Upkeep
  readonly #release: () => void
  #isFormerThere: boolean
  #last: Promise<unknown> = Promise.resolve()
  #isDamaged = false
  #isClosed = false

  private constructor(
    { folder, random, sizes = usualSizes }: JournalStorageParts,
    { state, unneeded, replayedBytes }: OpenedJournal,
    isFormerThere: boolean,
    release: () => void,
  ) {
    this.#folder = folder
    this.#state = state
    this.#isFormerThere = isFormerThere
    this.#release = release
    const onDamage = (): void => void (this.#isDamaged = true)
    this.#records = new RecordReader(state.files, state.seed, folder.path, onDamage)
    this.#writer = new JournalWriter(folder, state, random, sizes)
    const inTurn: InTurn = (work) => this.#inTurn(work)
    this.#upkeep = new Upkeep({ folder, state, writer: this.#writer, sizes, inTurn, onDamage }, unneeded, replayedBytes)
    this.#upkeep.start()
  }

  /** @throws StorageError when the folder cannot be written */
  static async open(parts: JournalStorageParts): Promise<JournalStateStorage> {
    const { folder, random, onLoss, sizes = usualSizes } = parts
    const release = await inUse.take(folder.path)
    let opened: OpenedJournal | undefined
    try {
      opened = await openJournal(folder, random, sizes)
      const isFormerThere = (await folder.names()).some((name) => formerFiles.includes(name))
      if (opened.loss !== undefined) onLoss?.(opened.loss)
      else if (isFormerThere && !holdsAnything(opened.state))
        onLoss?.('it was kept in LMDB by an earlier version of kafkado')
      return new JournalStateStorage(parts, opened, isFormerThere, release)
    } catch (cause) {
      await opened?.state.files.close().catch(() => undefined)
      release()
      if (StorageError.is(cause)) throw cause
      const message = `the folder ${folder.path} for state cannot be opened: ${String(cause)}`
      throw new StorageError(message, { cause, retriable: false })
    }
  }

  get checkpoint(): Checkpoint {
    return this.#state.checkpoint
  }

  table(name: string): StateTable {
    const [state, records] = [this.#state, this.#records]
    return {
      get: (key) => {
        const store = state.store(name)
        return store?.index.find(hashOfKey(key, state.seed), (address) => records.value(address, store, key))
      },
      entries: () => {
        const store = state.store(name)
        return store ? storedEntries(store, records) : []
      },
    }
  }

  write(changes: readonly StateChange[], checkpoint: Checkpoint): Promise<void> {
    return this.#commit(async (unit) => {
      const added = new Changes(this.#state, this.#records, unit)
      await added.add(changes)
      return { checkpoint: { ...this.#state.checkpoint, ...checkpoint }, fresh: added.fresh }
    })
  }

  clear(name: string): Promise<void> {
    return this.#commit((unit) => {
      const { [name]: _, ...rest } = this.#state.checkpoint
      const store = this.#state.store(name)
      if (store) this.#noteCleared(store, unit)
      return Promise.resolve({ checkpoint: rest, fresh: store ? [this.#state.newStore(name)] : [] })
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#upkeep.stop()
      // If leaving fails, the next process to open the folder finds out.
      await this.#inTurn(() => this.#leave().catch(() => undefined))
      await this.#state.files.close()
    } finally {
      this.#release()
    }
  }

  async #leave(): Promise<void> {
    await this.#writer.requireOwner()
    if (!this.#isDamaged) await this.#upkeep.snapshotAtEnd()
    else
      // The folder is read as a whole, so reading ends at damage.
      for (const name of await this.#folder.names())
        if (snapshotNumber(name) !== undefined) await this.#folder.remove(name)
    if (this.#isFormerThere && holdsAnything(this.#state))
      for (const name of formerFiles) await this.#folder.remove(name)
  }

  async #commit(fill: Parameters<JournalWriter['write']>[0]): Promise<void> {
    try {
      await this.#inTurn(async () => {
        if (this.#isClosed) throw new Error('it is closed')
        if (this.#isDamaged) throw this.#damaged()
        await this.#writer.write(fill)
      })
    } catch (cause) {
      if (StorageError.is(cause)) throw cause
      const message = `the folder ${this.#folder.path} cannot be written: ${String(cause)}`
      throw new StorageError(message, { cause, retriable: false })
    }
    this.#upkeep.start()
  }

  /** Runs one after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }

  /** The lengths of its records are unknown, so each counts like an average record of its file. */
  #noteCleared(cleared: StoreIndex, unit: Unit): void {
    const { files, stores } = this.#state
    const [all, gone] = [new Map<number, number>(), new Map<number, number>()]
    const count = (counts: Map<number, number>, slot: number): void =>
      void counts.set(slot, (counts.get(slot) ?? 0) + 1)
    for (const store of stores) {
      store.index.forEach((_, address) => {
        count(all, slotOf(address))
        if (store === cleared) count(gone, slotOf(address))
      })
    }
    for (const { id, liveBytes } of files.all) {
      const slot = files.slotOf(id) as number
      unit.noteGone(id, Math.round((liveBytes * (gone.get(slot) ?? 0)) / (all.get(slot) ?? 1)))
    }
  }

  #damaged(): StorageError {
    return new StorageError(`the folder ${this.#folder.path} for state is damaged; it has to be opened anew`, {
      retriable: true,
      outcome: 'failed',
    })
  }
}

function holdsAnything({ checkpoint }: JournalState): boolean {
  return Object.keys(checkpoint).length > 0
}
