import { isKafkaError, type Runtime, type Timer } from '@kafkado/core'
import { LogCleaner } from '../log/log-cleaner.ts'
import { retainedStart } from '../log/log-retention.ts'
import { LogScan } from '../log/log-scan.ts'
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
  readonly isStopped: boolean
  stop(cause: unknown): Error
}

/** Removes, from time to time, what has outlived its retention: records, producers, transactional ids, offsets. */
export class Housekeeping {
  readonly #engine: Parts
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(engine: Parts) {
    this.#engine = engine
  }

  start(): void {
    const { runtime, settings } = this.#engine
    this.#timer = runtime.clock.schedule(settings.cleanupIntervalMs, () => this.#wake(), 'background')
  }

  /** Waits for the step in hand. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#running
  }

  #wake(): void {
    this.start()
    this.#running ??= this.#run()
      // Nobody waits for it, so whoever comes next is told.
      .catch((error: unknown) => void this.#engine.stop(error))
      .finally(() => {
        this.#running = undefined
      })
  }

  async #run(): Promise<void> {
    await this.#expire()
    for (const topic of this.#engine.topics.all()) {
      for (const log of topic.partitions) {
        if (this.#isClosed) return
        await this.#tidy(topic, log)
      }
    }
    if (!this.#isClosed) await this.#engine.storage.reclaim()
  }

  async #tidy(topic: Topic, log: PartitionLog): Promise<void> {
    // It takes a while to come to all of them; what is kept of one that was deleted meanwhile must not come back.
    if (this.#engine.topics.logOf(log.logId) !== log) return
    try {
      await this.#retain(topic, log)
      if (topic.settings.isCompacted) await this.#clean(topic, log)
    } catch (error) {
      // A damaged log is left as it is, for its readers to be told of; the others go on.
      if (!isKafkaError(error, 'CORRUPT_MESSAGE')) throw error
    }
  }

  async #expire(): Promise<void> {
    const { settings, topics, transactions, groups, runtime } = this.#engine
    const nowMs = runtime.clock.monotonic()
    const changes = this.#engine.begin()
    transactions.expire(changes, nowMs - settings.transactionalIdExpirationMs)
    groups.expire(changes, nowMs - settings.offsetsRetentionMs)
    for (const log of topics.all().flatMap(({ partitions }) => partitions)) {
      for (const producerId of log.producers.idle(nowMs - settings.producerIdExpirationMs))
        changes.put('producer', [log.logId, producerId], null)
    }
    await this.#engine.commit(changes)
  }

  async #retain(topic: Topic, log: PartitionLog): Promise<void> {
    const scan = this.#scanOf(log)
    const start = await retainedStart(log, scan, topic.settings, this.#engine.runtime.clock.now())
    const measured = await log.cleaning.measure(scan, start)
    if (start <= log.logStartOffset || scan.isOver) return
    const changes = this.#engine.begin()
    log.advanceStart(changes, start, measured)
    await this.#engine.commit(changes)
    await this.#engine.removals.remove(log.logId, start)
  }

  async #clean(topic: Topic, log: PartitionLog): Promise<void> {
    const scan = this.#scanOf(log)
    const units: Units = {
      begin: () => this.#engine.begin(),
      commit: async (changes) => {
        if (!scan.isOver) await this.#engine.commit(changes)
      },
    }
    await new LogCleaner(log, scan, topic.settings, units).clean(this.#engine.runtime.clock.now())
  }

  /** Meanwhile the topic may be deleted: what is gone must not come back. */
  #scanOf(log: PartitionLog): LogScan {
    const { topics } = this.#engine
    return new LogScan(log.reads, () => this.#isClosed || this.#engine.isStopped || topics.logOf(log.logId) !== log)
  }
}
