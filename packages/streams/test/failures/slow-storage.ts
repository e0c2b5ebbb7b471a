import type { Clock, Random } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import type { Checkpoint, StateStorage } from '@kafkado/streams'
import type { OpenStateStorage } from '@kafkado/streams/internal'

type Table = Map<string, { readonly key: Uint8Array; readonly value: Uint8Array }>

/** The content of the disk, by task. */
interface Folder {
  checkpoint: Checkpoint
  readonly tables: Map<string, Table>
  /** Resolves when nobody has it open. */
  free: Promise<unknown>
}

const keyOf = (key: Uint8Array): string => Buffer.from(key).toString('hex')

/**
 * A disk in memory with operations that take random time by the clock, up to `longestMs`, mostly much less. So other
 * events happen in the middle of them. It refuses use after its close.
 */
export class SlowDisk {
  readonly #clock: Clock
  readonly #random: Random
  readonly #longestMs: number
  readonly #folders = new Map<string, Folder>()

  constructor(clock: Clock, random: Random, longestMs: number) {
    this.#clock = clock
    this.#random = random
    this.#longestMs = longestMs
  }

  /** Opens the content of a folder, one task in each. */
  in(folder: string): OpenStateStorage {
    return async (task) => {
      const path = `${folder}/${task}`
      let kept = this.#folders.get(path)
      if (!kept) this.#folders.set(path, (kept = { checkpoint: {}, tables: new Map(), free: Promise.resolve() }))
      const before = kept.free
      let release!: () => void
      kept.free = new Promise<void>((resolve) => {
        release = resolve
      })
      await before
      await this.#takeTime()
      return this.#opened(path, kept, release)
    }
  }

  #opened(path: string, folder: Folder, release: () => void): StateStorage {
    let isClosed = false
    const throwIfClosed = (): void => {
      if (isClosed) throw new Error(`${path} is used after it was closed`)
    }
    const tableOf = (store: string): Table => {
      let table = folder.tables.get(store)
      if (!table) folder.tables.set(store, (table = new Map()))
      return table
    }
    return {
      get checkpoint() {
        return folder.checkpoint
      },
      table: (store) => ({
        get: (key) => {
          throwIfClosed()
          return tableOf(store).get(keyOf(key))?.value
        },
        *entries() {
          throwIfClosed()
          const sorted = [...tableOf(store)].toSorted(([a], [b]) => (a < b ? -1 : 1))
          for (const [, { key, value }] of sorted) yield [key, value] as const
        },
      }),
      write: async (changes, checkpoint) => {
        throwIfClosed()
        await this.#takeTime()
        throwIfClosed()
        for (const { store, key, value } of changes) {
          if (value === null) tableOf(store).delete(keyOf(key))
          else tableOf(store).set(keyOf(key), { key, value })
        }
        folder.checkpoint = { ...folder.checkpoint, ...checkpoint }
      },
      clear: async (store) => {
        throwIfClosed()
        await this.#takeTime()
        tableOf(store).clear()
        const { [store]: _, ...rest } = folder.checkpoint
        folder.checkpoint = rest
      },
      close: async () => {
        await this.#takeTime()
        isClosed = true
        release()
      },
    }
  }

  #takeTime(): Promise<void> {
    return sleep(this.#clock, this.#random.next() ** 2 * this.#longestMs)
  }
}
