import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Random, StorageError } from '@kafkado/core'
import { type Database, open, type RootDatabase } from 'lmdb'
import { FoldersInUse } from './folders-in-use.ts'
import type { Checkpoint, StateChange, StateStorage, StateTable } from './state-storage.ts'

/** Grows when what is kept changes its form; what has another form is made anew from the changelog. */
const formatVersion = 1
/** LMDB has no empty keys. */
const keyPrefix = 1
/** LMDB takes no longer ones. */
const longestKeyBytes = 1977

/**
 * The folders that are open here. Opening a file waits for the writer of it without giving others their turn, and a
 * writer in this thread needs its turn to end: so a folder is opened when whoever had it open in this thread has closed
 * it.
 */
const inUse = new FoldersInUse()

interface Meta {
  readonly format: number
  /** Which opening of the file may write. */
  readonly owner: string
  readonly checkpoint: Checkpoint
}

/** Keeps the stores of a task in one LMDB file in a folder of its own. */
export class LmdbStateStorage implements StateStorage {
  readonly longestKeyBytes = longestKeyBytes
  readonly #root: RootDatabase
  readonly #meta: Database<Meta, string>
  readonly #tables = new Map<string, Database<Buffer, Buffer>>()
  readonly #owner: string
  readonly #folder: string
  #checkpoint: Checkpoint
  #release: (() => void) | undefined
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(
    folder: string,
    root: RootDatabase,
    meta: Database<Meta, string>,
    owner: string,
    checkpoint: Checkpoint,
  ) {
    this.#folder = folder
    this.#root = root
    this.#meta = meta
    this.#owner = owner
    this.#checkpoint = checkpoint
  }

  /** @throws StorageError when the folder cannot be written */
  static async open(folder: string, random: Random): Promise<LmdbStateStorage> {
    const release = await inUse.take(folder)
    try {
      await mkdir(folder, { recursive: true })
      const storage = await LmdbStateStorage.#openIn(folder, random)
      storage.#release = release
      return storage
    } catch (cause) {
      release()
      throw StorageError.is(cause)
        ? cause
        : new StorageError(`the folder ${folder} for state cannot be opened: ${String(cause)}`, {
            cause,
            retriable: false,
          })
    }
  }

  static async #openIn(folder: string, random: Random): Promise<LmdbStateStorage> {
    const root = open({ path: join(folder, 'state.mdb'), overlappingSync: false, maxDbs: 64 })
    const meta = root.openDB<Meta, string>({ name: 'meta', encoding: 'json' })
    const known = meta.get('meta')
    if (known && known.format !== formatVersion) {
      await root.close()
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
      return LmdbStateStorage.#openIn(folder, random)
    }
    const owner = `${random.next()}`
    const checkpoint = known?.checkpoint ?? {}
    await meta.put('meta', { format: formatVersion, owner, checkpoint })
    return new LmdbStateStorage(folder, root, meta, owner, checkpoint)
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint
  }

  table(store: string): StateTable {
    const database = this.#database(store)
    return {
      get: (key) => database.get(stored(key)),
      *entries() {
        for (const { key, value } of database.getRange()) yield [key.subarray(1), value]
      },
    }
  }

  write(changes: readonly StateChange[], checkpoint: Checkpoint): Promise<void> {
    const tooLong = changes.find(({ key }) => key.length > longestKeyBytes)
    if (tooLong) {
      const message = `store '${tooLong.store}': a key of ${tooLong.key.length} bytes is longer than the ${longestKeyBytes} that a folder for state can hold; keep this state in memory`
      return Promise.reject(new StorageError(message, { retriable: false }))
    }
    const next = { ...this.#checkpoint, ...checkpoint }
    return this.#transaction(next, () => {
      for (const { store, key, value } of changes) {
        const database = this.#database(store)
        if (value === null) void database.remove(stored(key))
        else void database.put(stored(key), asBuffer(value))
      }
    })
  }

  async clear(store: string): Promise<void> {
    const { [store]: _, ...rest } = this.#checkpoint
    await this.#transaction(rest, () => this.#database(store).clearSync())
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#root.close()
    this.#release?.()
  }

  /** What is put within the callback is one transaction, and only the last who opened the file may write. */
  async #transaction(checkpoint: Checkpoint, put: () => void): Promise<void> {
    const writing = this.#root.transaction(() => {
      if (this.#meta.get('meta')?.owner !== this.#owner)
        throw new StorageError(`the folder ${this.#folder} was taken over by another process`, { retriable: false })
      put()
      void this.#meta.put('meta', { format: formatVersion, owner: this.#owner, checkpoint })
    })
    this.#writing = writing.catch(() => undefined)
    try {
      await writing
      this.#checkpoint = checkpoint
    } catch (cause) {
      // LMDB tells of a failed commit by this promise as well.
      ;(cause as { commitError?: Promise<unknown> }).commitError?.catch(() => undefined)
      throw StorageError.is(cause)
        ? cause
        : new StorageError(`the folder ${this.#folder} cannot be written: ${String(cause)}`, {
            cause,
            retriable: false,
          })
    }
  }

  #database(store: string): Database<Buffer, Buffer> {
    let database = this.#tables.get(store)
    if (!database) {
      database = this.#root.openDB<Buffer, Buffer>({
        name: `store-${store}`,
        encoding: 'binary',
        keyEncoding: 'binary',
      })
      this.#tables.set(store, database)
    }
    return database
  }
}

function stored(key: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(key.length + 1)
  bytes[0] = keyPrefix
  bytes.set(key, 1)
  return bytes
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
