import { KafkaError, type Runtime, type Timer } from '@kafkado/core'
import { SingleFlight } from '@kafkado/core/internal'
import type { MeasuredRemoval } from '../log/cleaning-state.ts'
import { LogCleaner } from '../log/log-cleaner.ts'
import { retainedStart } from '../log/log-retention.ts'
import { LogScan } from '../log/log-scan.ts'
import type { Unpacking } from '../log/unpacking.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { Units } from '../records/changes.ts'
import type { EngineSettings } from '../settings/engine-options.ts'
import type { Storage } from '../storage/storage.ts'
import type { Topic, TopicRegistry } from '../topic/topic-registry.ts'
import type { TransactionCoordinator } from '../transaction/transaction-coordinator.ts'
import type { GroupCoordinator } from '../group/group-coordinator.ts'
import type { BatchRemovals } from './batch-removals.ts'

interface Parts extends Units {
  readonly settings: EngineSettings
  readonly runtime: Runtime
  readonly storage: Storage
  readonly topics: TopicRegistry
  readonly groups: GroupCoordinator
  readonly transactions: TransactionCoordinator
  readonly removals: BatchRemovals
  readonly unpacking: Unpacking
  readonly isStopped: boolean
  stop(cause: unknown): Error
}

/** How many logs one unit trims. */
const logsInUnit = 100

/** A log to trim. */
interface Retained {
  readonly log: PartitionLog
  readonly scan: LogScan
  readonly start: number
  readonly measured: MeasuredRemoval | undefined
}

/** From time to time, removes expired records, producers, transactional ids and offsets. */
export class Housekeeping {
  readonly #engine: Parts
  #timer: Timer | undefined
  readonly #running = new SingleFlight()
  #isClosed = false

  constructor(engine: Parts) {
    this.#engine = engine
  }

  start(): void {
    const { runtime, settings } = this.#engine
    this.#timer = runtime.clock.schedule(settings.cleanupIntervalMs, () => this.#wake(), 'background')
  }

  /** Waits for the current step. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#running.idle()
  }

  #wake(): void {
    this.start()
    // Nobody waits for it, so the next request reports the error.
    void this.#running.join(() => this.#run().catch((error: unknown) => void this.#engine.stop(error)))
  }

  async #run(): Promise<void> {
    await this.#expire()
    await this.#retain()
    for (const topic of this.#engine.topics.all().filter(({ settings }) => settings.isCompacted)) {
      for (const log of topic.partitions) {
        if (this.#isClosed) return
        await this.#unlessUnreadable(log, () => this.#clean(topic, log))
      }
    }
    if (!this.#isClosed) await this.#engine.storage.reclaim()
  }

  async #expire(): Promise<void> {
    const { settings, topics, transactions, groups, runtime } = this.#engine
    const nowMs = runtime.clock.monotonic()
    const changes = this.#engine.beginEnding()
    transactions.expire(changes, nowMs - settings.transactionalIdExpirationMs)
    groups.expire(changes, nowMs - settings.offsetsRetentionMs)
    for (const log of topics.all().flatMap(({ partitions }) => partitions)) {
      for (const producerId of log.producers.idle(nowMs - settings.producerIdExpirationMs))
        changes.put('producer', [log.logId, producerId], null)
    }
    await this.#engine.commit(changes)
  }

  /** Trims many logs with one unit, because each unit waits for a write. */
  async #retain(): Promise<void> {
    let found: Retained[] = []
    for (const topic of this.#engine.topics.all()) {
      for (const log of topic.partitions) {
        if (this.#isClosed) return
        const retained = await this.#unlessUnreadable(log, () => this.#retained(topic, log))
        if (retained) found.push(retained)
        if (found.length < logsInUnit) continue
        await this.#advance(found)
        found = []
      }
    }
    await this.#advance(found)
  }

  /** The new start of a log, if it is later than now. */
  async #retained(topic: Topic, log: PartitionLog): Promise<Retained | undefined> {
    const scan = this.#scanOf(log)
    const start = await retainedStart(log, scan, topic.settings, this.#engine.runtime.clock.now())
    if (start <= log.logStartOffset) return undefined
    return { log, scan, start, measured: await log.cleaning.measure(scan, start) }
  }

  async #advance(found: readonly Retained[]): Promise<void> {
    if (found.length === 0) return
    const changes = this.#engine.beginEnding()
    const advanced: [logId: number, start: number][] = []
    for (const { log, scan, start, measured } of found) {
      // Another request may have deleted more meanwhile.
      if (scan.isOver || start <= log.logStartOffset) continue
      log.advanceStart(changes, start, measured)
      advanced.push([log.logId, start])
    }
    await this.#engine.commit(changes)
    await this.#engine.removals.remove(advanced)
  }

  async #clean(topic: Topic, log: PartitionLog): Promise<void> {
    const scan = this.#scanOf(log)
    const units: Units = {
      beginEnding: () => this.#engine.beginEnding(),
      commit: async (changes) => {
        if (!scan.isOver) await this.#engine.commit(changes)
      },
    }
    // Visiting all of them takes a while.
    if (scan.isOver) return
    await new LogCleaner(log, scan, topic.settings, units).clean(this.#engine.runtime.clock.now())
  }

  /**
   * Leaves a damaged or unreadable log as it is, so that its readers learn of the damage, and continues with the
   * others.
   */
  async #unlessUnreadable<T>(log: PartitionLog, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      // A failed write has stopped the engine, and any other error is a fault of this program.
      if (this.#engine.isStopped || !isOfDisk(error)) throw error
      // The reader has noted a damaged batch. Nobody has noted other unreadable data of the log.
      if (log.reads.damagedBatches === 0) log.reads.noteUnreadable(log.logStartOffset, error)
      return undefined
    }
  }

  /** The topic may be deleted meanwhile: its removed records must not come back. */
  #scanOf(log: PartitionLog): LogScan {
    const { topics, unpacking } = this.#engine
    const isOver = (): boolean => this.#isClosed || this.#engine.isStopped || topics.logOf(log.logId) !== log
    return new LogScan(log.reads, isOver, unpacking)
  }
}

function isOfDisk(error: unknown): boolean {
  return KafkaError.is(error) || (error as NodeJS.ErrnoException).errno !== undefined
}
