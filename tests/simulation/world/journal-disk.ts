import { JournalStorage } from '@kafkado/broker/disk'
import { MemoryStorage, type Storage, StorageChanges } from '@kafkado/broker/storage'
import type { Clock, Random, StorageError } from '@kafkado/core'
import { smallLimits } from '../../durability/journal/journal-cuts.ts'
import { type DiskCall, SimulatedFolder } from '../../durability/journal/simulated-folder.ts'
import {
  type DiskBehaviour,
  type DiskFaults,
  noDiskFaults,
  type ProcessStorage,
  type ServerDisk,
} from './server-disk.ts'
import { ReadingStorage } from './reading-storage.ts'
import { spoil } from '../../../packages/broker/test/poisoning-storage.ts'

const all = Number.MAX_SAFE_INTEGER

/** What was handed over and is not known to be durable. */
interface Pending {
  readonly unit?: StorageChanges
  carryOut(storage: MemoryStorage): Promise<unknown>
}

/**
 * A disk with a journal on it, in files of a few KB. With each crash the power fails: what was not synced is lost, torn
 * or kept by chance. What the journal then holds is compared with everything that it was ever given.
 */
export class JournalDisk implements ServerDisk {
  readonly faults: DiskFaults = { ...noDiskFaults }
  /** What is on it between two processes. */
  left: ReadonlyMap<string, Buffer> = new Map()
  readonly expected = new Expected()
  readonly onKept: (unit: StorageChanges) => void

  constructor(onKept: (unit: StorageChanges) => void) {
    this.onKept = onKept
  }

  process(clock: Clock, random: Random, behaviour: DiskBehaviour): ProcessStorage {
    return new JournalProcess(this, clock, random, behaviour)
  }
}

/** What a journal has to hold, and what it may hold besides. */
class Expected {
  readonly #known = new MemoryStorage()
  readonly #pending: Pending[] = []
  readonly #logIds = new Set<number>()
  readonly #kinds = new Set<StorageChanges['records'][number]['kind']>()
  /** Batches before that may be there or not: they are removed bit by bit. */
  readonly #removedBefore = new Map<number, number>()

  /** @param unit is as it is given only until it is durable */
  add(unit: StorageChanges): Pending {
    const copy = new StorageChanges()
    for (const { logId, lastOffset, bytes } of unit.batches)
      copy.batches.push({ logId, lastOffset, bytes: Uint8Array.from(bytes) })
    for (const { logId, lastOffset, bytes } of unit.replacedBatches)
      copy.replacedBatches.push({ logId, lastOffset, bytes: bytes && Uint8Array.from(bytes) })
    copy.indexEntries.push(...unit.indexEntries)
    copy.records.push(...unit.records)
    for (const { logId } of copy.batches) this.#logIds.add(logId)
    for (const { kind } of copy.records) this.#kinds.add(kind)
    return this.#handOver({ unit: copy, carryOut: (storage) => storage.commit(copy) })
  }

  remove(logId: number, beforeOffset: number | null): Pending {
    this.#removedBefore.set(logId, Math.max(beforeOffset ?? all, this.#removedBefore.get(logId) ?? 0))
    return this.#handOver({ carryOut: (storage) => storage.removeBatches(logId, beforeOffset) })
  }

  #handOver(one: Pending): Pending {
    this.#pending.push(one)
    return one
  }

  /**
   * One is durable, and with it all that were handed over before, whose turn to hear of it may come later.
   *
   * @returns the units that are durable since
   */
  settle(last: Pending): StorageChanges[] {
    const settled = this.#pending.splice(0, this.#pending.indexOf(last) + 1)
    for (const one of settled) void one.carryOut(this.#known)
    return settled.flatMap(({ unit }) => unit ?? [])
  }

  /** Takes over what a journal holds that was opened. @returns the units that were pending and are there */
  adopt(found: Storage): StorageChanges[] {
    const kept: StorageChanges[] = []
    let difference = this.#difference(found)
    for (let [next] = this.#pending; difference !== undefined && next; [next] = this.#pending) {
      kept.push(...this.settle(next))
      difference = this.#difference(found)
    }
    if (difference !== undefined) throw new Error(`the journal does not hold what it was given: ${difference}`)
    this.#pending.length = 0
    return kept
  }

  #difference(found: Storage): string | undefined {
    for (const kind of this.#kinds) if (textOf(found, kind) !== textOf(this.#known, kind)) return `records of ${kind}`
    for (const logId of this.#logIds) {
      const from = this.#removedBefore.get(logId) ?? 0
      if (from === all) continue
      const [is, was] = [found, this.#known].map((one) => Buffer.from(one.readBatches(logId, from, all, all, true)))
      if (!is?.equals(was as Buffer)) return `log ${logId} from ${from} on`
    }
    return undefined
  }
}

/** Its process's journal. A dead process never comes to what it waits for. */
class JournalProcess extends ReadingStorage {
  readonly kind = 'disk'
  readonly #disk: JournalDisk
  readonly #random: Random
  readonly #folder: SimulatedFolder
  readonly #journal: JournalStorage
  #isDead = false

  constructor(disk: JournalDisk, clock: Clock, random: Random, { syncMs }: DiskBehaviour) {
    super(disk, random)
    this.#disk = disk
    this.#random = random
    const pause = (): Promise<void> => {
      const { faults } = disk
      const takesMs = (random.next() * syncMs) / 2 + faults.stallMs
      faults.stallMs = 0
      return new Promise((resolve) => void clock.schedule(takesMs, resolve))
    }
    this.#folder = new SimulatedFolder(random, { pause, fault: (call) => this.#fault(call) }, disk.left)
    this.#journal = new JournalStorage('a simulated disk', {
      disk: this.#folder,
      limits: smallLimits,
      runtime: { clock, random },
    })
  }

  get hasFailed(): boolean {
    return this.#journal.failure !== undefined
  }

  protected get found(): Storage {
    return this.#journal
  }

  get failure(): StorageError | undefined {
    return this.#journal.failure
  }

  async open(): Promise<void> {
    await this.#journal.open()
    try {
      for (const unit of this.#disk.expected.adopt(this.#journal)) this.#disk.onKept(unit)
    } catch (error) {
      // The engine would try it again and again; as a rejection that nobody handles it is told of.
      void Promise.reject(error as Error)
      throw error
    }
  }

  async commit(changes: StorageChanges): Promise<void> {
    const pending = this.#disk.expected.add(changes)
    await this.#journal.commit(changes)
    spoil(changes)
    this.#settle(pending)
  }

  async removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    const pending = this.#disk.expected.remove(logId, beforeOffset)
    const isAll = await this.#journal.removeBatches(logId, beforeOffset)
    this.#settle(pending)
    return isAll
  }

  #settle(pending: Pending): void {
    for (const unit of this.#disk.expected.settle(pending)) this.#disk.onKept(unit)
  }

  crash(): void {
    this.#isDead = true
    this.#disk.left = this.#folder.disk.afterPowerCut(this.#random)
  }

  prepareRead(...given: Parameters<Storage['readBatches']>): Promise<void> | undefined {
    return this.#journal.prepareRead(...given)
  }

  reclaim(): Promise<void> {
    return this.#journal.reclaim()
  }

  async close(): Promise<void> {
    await this.#journal.close()
    // What a process leaves that ends well is with the operating system, and nothing happens to that.
    if (!this.#isDead) this.#disk.left = this.#folder.contents()
  }

  #fault(call: DiskCall): { readonly error: Error; readonly writtenBytes?: number } | undefined {
    const { faults } = this.#disk
    if (call !== 'append') return undefined
    if (faults.isRefusing) {
      faults.isRefusing = false
      return { error: new Error('the disk takes no writes') }
    }
    if (!faults.isFailing) return undefined
    faults.isFailing = false
    return { error: new Error('the sync failed'), writtenBytes: Math.floor(this.#random.next() * 2000) }
  }
}

function textOf(storage: Storage, kind: StorageChanges['records'][number]['kind']): string {
  const records = storage
    .readMetadata(kind)
    .map(({ path, value }) => `${JSON.stringify(path)} ${JSON.stringify(value)}`)
  return records.sort().join('\n')
}
