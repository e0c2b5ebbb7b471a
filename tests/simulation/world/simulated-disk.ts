import { MemoryStorage, type Storage, type StorageChanges } from '@kafkado/broker/storage'
import { type Clock, type Random, StorageError } from '@kafkado/core'
import { ownCopy, spoil } from '../../../packages/broker/test/poisoning-storage.ts'
import {
  type DiskBehaviour,
  type DiskFaults,
  noDiskFaults,
  type ProcessStorage,
  type ServerDisk,
} from './server-disk.ts'
import { ReadingStorage } from './reading-storage.ts'

/** A change to what is kept: a unit of the engine, or batches that are removed. */
interface Change {
  /**
   * Takes over the unit that is to be kept: from then on the engine does with its bytes what it likes. @returns the
   * copy that is kept
   */
  settle?(): StorageChanges
  carryOut(storage: MemoryStorage): Promise<unknown>
}

/** What outlives the processes that write to it: every change that was synced, in its order. */
export class SimulatedDisk implements ServerDisk {
  readonly #kept: Change[] = []
  readonly #onKept: (unit: StorageChanges) => void
  readonly faults: DiskFaults = { ...noDiskFaults }

  /** @param onKept is told of each unit of the engine that outlives a crash from now on, before anybody else knows */
  constructor(onKept: (unit: StorageChanges) => void) {
    this.#onKept = onKept
  }

  process(clock: Clock, random: Random, behaviour: DiskBehaviour): ProcessStorage {
    return new UnsyncedStorage(this, clock, random, behaviour)
  }

  keep(changes: readonly Change[]): void {
    const units = changes.map((change) => change.settle?.())
    this.#kept.push(...changes)
    for (const unit of units) if (unit) this.#onKept(unit)
  }

  async contents(): Promise<MemoryStorage> {
    const storage = new MemoryStorage()
    for (const change of this.#kept) await change.carryOut(storage)
    return storage
  }
}

interface Unsynced {
  readonly change: Change
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * What one engine process has of a disk. Units become durable in their order; a crash loses those that were not synced,
 * from any of them on.
 */
class UnsyncedStorage extends ReadingStorage {
  readonly kind = 'memory'
  readonly #disk: SimulatedDisk
  readonly #clock: Clock
  readonly #random: Random
  readonly #behaviour: DiskBehaviour
  #visible = new MemoryStorage()
  #unsynced: Unsynced[] = []
  #isSyncing = false
  #failed: Error | undefined
  #onIdle: (() => void)[] = []

  constructor(disk: SimulatedDisk, clock: Clock, random: Random, behaviour: DiskBehaviour) {
    super(disk, random)
    this.#disk = disk
    this.#clock = clock
    this.#random = random
    this.#behaviour = behaviour
  }

  get hasFailed(): boolean {
    return this.#failed !== undefined
  }

  protected get found(): Storage {
    return this.#visible
  }

  async open(): Promise<void> {
    this.#visible = await this.#disk.contents()
  }

  commit(changes: StorageChanges): Promise<void> {
    const { faults } = this.#disk
    if (faults.isRefusing && !this.#failed) {
      faults.isRefusing = false
      this.#fail('the disk takes no writes', 0)
    }
    if (this.#failed) return Promise.reject(this.#failed)
    // The engine uses the memory of its bytes again, so what is kept of it is a copy, made as late as it may be.
    let copied: StorageChanges | undefined
    const copy = (): StorageChanges => (copied ??= ownCopy(changes))
    const settle = (): StorageChanges => {
      const kept = copy()
      spoil(changes)
      return kept
    }
    return this.#change({ settle, carryOut: (storage) => storage.commit(copied ?? ownCopy(changes)) })
  }

  async removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    if (this.#failed) throw this.#failed
    await this.#change({ carryOut: (storage) => storage.removeBatches(logId, beforeOffset) })
    return true
  }

  crash(): void {
    const kept = this.#failed ? 0 : Math.floor(this.#random.next() * (this.#unsynced.length + 1))
    this.#disk.keep(this.#unsynced.slice(0, kept).map(({ change }) => change))
    this.#unsynced = []
    this.#failed = new StorageError('the process has ended')
  }

  async reclaim(): Promise<void> {
    // What was removed is gone.
  }

  async close(): Promise<void> {
    while (this.#isSyncing && !this.#failed) await new Promise<void>((resolve) => void this.#onIdle.push(resolve))
  }

  #change(change: Change): Promise<void> {
    if (this.#behaviour.isSeenAtOnce) void change.carryOut(this.#visible)
    const synced = new Promise<void>((resolve, reject) => void this.#unsynced.push({ change, resolve, reject }))
    if (!this.#isSyncing) this.#sync()
    return synced
  }

  /** What is handed over while a sync is under way waits for the next one. */
  #sync(): void {
    this.#isSyncing = true
    const count = this.#unsynced.length
    const { faults } = this.#disk
    const takesMs = this.#random.next() * this.#behaviour.syncMs + faults.stallMs
    faults.stallMs = 0
    this.#clock.schedule(takesMs, () => {
      if (faults.isFailing) {
        faults.isFailing = false
        this.#fail('the sync failed', Math.floor(this.#random.next() * (count + 1)))
      }
      if (this.#failed) return
      const synced = this.#unsynced.splice(0, count)
      this.#disk.keep(synced.map(({ change }) => change))
      for (const { change, resolve } of synced) {
        if (!this.#behaviour.isSeenAtOnce) void change.carryOut(this.#visible)
        resolve()
      }
      if (this.#unsynced.length > 0) this.#sync()
      else this.#idle()
    })
  }

  #fail(reason: string, kept: number): void {
    this.#failed = new StorageError(reason, { retriable: false, outcome: 'unknown' })
    this.#disk.keep(this.#unsynced.slice(0, kept).map(({ change }) => change))
    for (const { reject } of this.#unsynced) reject(this.#failed)
    this.#unsynced = []
    this.#idle()
  }

  #idle(): void {
    this.#isSyncing = false
    for (const resolve of this.#onIdle) resolve()
    this.#onIdle = []
  }
}
