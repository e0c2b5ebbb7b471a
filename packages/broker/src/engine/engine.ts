import { DisconnectedError, KafkaError, type Runtime, StorageError } from '@kafkado/core'
import { EventListeners } from '@kafkado/core/internal'
import type { EngineSettings } from '../settings/engine-options.ts'
import { BatchRemovals } from './batch-removals.ts'
import { DelayedFetches } from '../fetch/delayed-fetch.ts'
import { FreeSpace } from './free-space.ts'
import { GroupCoordinator } from '../group/group-coordinator.ts'
import type { EngineEvents } from './engine-events.ts'
import { Housekeeping } from './housekeeping.ts'
import type { Damage } from '../log/log-reads.ts'
import { Scrubber } from './scrubber.ts'
import { AppendOrder } from '../log/append-order.ts'
import { LogScan } from '../log/log-scan.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { Unpacking } from '../log/unpacking.ts'
import { ProducerIds } from '../transaction/producer-ids.ts'
import { BatchMemory } from '../records/batch-memory.ts'
import { Changes, type Units } from '../records/changes.ts'
import { type RecordOwners, replayRecord, replayStored } from '../records/record-owners.ts'
import type { Refusal } from '../refusals/refusal.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'
import { TransactionCoordinator } from '../transaction/transaction-coordinator.ts'
import { TopicRegistry, type Topic } from '../topic/topic-registry.ts'
import { UndurableUnits } from './undurable-units.ts'

/** The engine behind the handlers: its parts, and the only way to make a change durable. */
export class Engine implements Units {
  readonly settings: EngineSettings
  readonly runtime: Runtime
  readonly storage: Storage
  readonly topics: TopicRegistry
  readonly groups: GroupCoordinator
  readonly producerIds = new ProducerIds()
  readonly transactions: TransactionCoordinator
  readonly delayedFetches: DelayedFetches
  readonly freeSpace: FreeSpace
  readonly appendOrder = new AppendOrder()
  readonly unpacking = new Unpacking()
  readonly #housekeeping: Housekeeping
  readonly #scrubber: Scrubber
  #stopped: Error | undefined
  #isClosed = false
  readonly #events: EventListeners<EngineEvents>
  readonly #memory: BatchMemory | undefined
  readonly #undurable = new UndurableUnits()
  readonly removals: BatchRemovals
  readonly #owners: RecordOwners
  readonly #replay = (record: MetadataRecord): void => replayRecord(this.#owners, record)

  constructor(
    storage: Storage,
    settings: EngineSettings,
    events: EventListeners<EngineEvents> = new EventListeners('kafkado:engine:', {}),
  ) {
    this.#events = events
    this.storage = storage
    this.#memory = storage.releasesBytes === true ? new BatchMemory() : undefined
    this.settings = settings
    this.runtime = settings.runtime
    this.topics = new TopicRegistry(storage, settings, (logId, damage) => this.#tell(logId, damage))
    this.groups = new GroupCoordinator(this.topics, settings, this)
    const { topics, groups, producerIds } = this
    const { offsets } = groups
    this.transactions = new TransactionCoordinator({ topics, producerIds, settings, units: this, offsets })
    this.delayedFetches = new DelayedFetches(settings.runtime)
    this.freeSpace = new FreeSpace(storage, settings.minFreeBytes)
    this.#housekeeping = new Housekeeping(this)
    this.#scrubber = new Scrubber(this)
    this.removals = new BatchRemovals(this)
    const { transactions, removals } = this
    this.#owners = {
      engine: topics,
      topic: topics,
      log: topics.logs,
      producer: topics.logs,
      aborted: topics.logs,
      cleaner: topics.logs,
      trim: removals,
      producerIds,
      producerOwner: producerIds.owners,
      transaction: transactions,
      offset: offsets,
      pendingOffset: offsets,
      group: groups,
      member: groups,
      target: groups,
      current: groups,
    }
  }

  /** Opens the storage, replays its content, and resumes work. */
  async open(): Promise<void> {
    await this.storage.open()
    replayStored(this.#owners, this.storage)
    await this.groups.resume()
    const changes = this.begin()
    this.topics.identify(changes)
    await this.commit(changes)
    this.removals.resume()
    await this.freeSpace.measure()
    this.#housekeeping.start()
    this.#scrubber.start()
  }

  /**
   * Begins a unit of changes, to fill within this turn of the event loop. If the disk is nearly full, its first change
   * is refused.
   */
  begin(): Changes {
    return new Changes(this.#replay, () => this.freeSpace.check(), this.#memory)
  }

  /** Begins a unit that ends or removes something, or makes room later. The reserve of the disk is for these. */
  beginEnding(): Changes {
    return new Changes(this.#replay, () => undefined, this.#memory)
  }

  /**
   * Makes changes durable. Resolves when they are, and readers see them. An empty unit waits for the writes under way:
   * one of them may be the reason why nothing has to change, such as the first copy of a repeated request.
   *
   * @throws StorageError when the changes could not be stored; the engine then refuses all requests
   */
  commit(changes: Changes): Promise<void> {
    if (this.#stopped) return Promise.reject(this.#stopped)
    if (changes.isEmpty) return this.settled()
    this.freeSpace.use(changes)
    const committing = this.storage.commit(changes).then(
      () => {
        this.#undurable.remove(committing)
        for (const action of changes.afterCommit) action()
        changes.giveBack()
      },
      (cause: unknown) => {
        throw this.stop(cause)
      },
    )
    this.#undurable.add(committing, changes)
    return committing
  }

  /** The number of known damaged batches. */
  get damagedBatches(): number {
    return this.topics
      .all()
      .reduce((sum, { partitions }) => partitions.reduce((more, { reads }) => more + reads.damagedBatches, sum), 0)
  }

  #tell(logId: number, damage: Damage): void {
    const place = this.topics.partitionOf(logId)
    // Failing reads during the close say nothing about damage.
    if (place && !this.#isClosed) this.#events.emit('damaged', { ...place, ...damage })
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined
  }

  /** Why the engine refuses requests; undefined while it works. */
  get failure(): Error | undefined {
    return this.#stopped ?? this.storage.failure
  }

  /**
   * Refuses all requests from now on, because the memory no longer matches the storage, so later results could not be
   * trusted.
   *
   * Every caller learns that the outcome is unknown, even for a unit that the storage never began to write: the unit
   * being written may hold another copy of the request, or the state behind its answer.
   */
  stop(cause: unknown): Error {
    this.#stopped ??=
      KafkaError.is(cause) && cause.outcome === 'unknown'
        ? cause
        : new StorageError(KafkaError.is(cause) ? cause.message : `the storage failed: ${String(cause)}`, {
            cause,
            retriable: false,
            outcome: 'unknown',
          })
    return this.#stopped
  }

  /**
   * Answers a request when a crash can no longer take back anything it may have seen. Handlers that change something or
   * wait do so themselves: by `commit`, whose unit is durable after all earlier ones, or by `settled`. For read-only
   * requests, this method does it, and also for refusals, because they reveal state too.
   */
  async answer<T>(find: () => T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      const found = find()
      if (found instanceof Promise) return await found
      await this.#undurable.settled()
      return found
    } catch (error) {
      if (!signal?.aborted) await this.#undurable.settled()
      throw error
    }
  }

  /**
   * Resolves when all writes under way are durable.
   *
   * @throws StorageError when one of them, or an earlier one, failed
   */
  async settled(): Promise<void> {
    await this.#undurable.settled()
  }

  /** Like `settled`, for the existing topics and the starts of their logs; undefined when nothing is pending. */
  topicsSettled(): Promise<unknown> | undefined {
    return this.#undurable.topicsSettled()
  }

  /** The topic, created if it is missing and that is allowed. Durable with the unit. */
  topicForUse(changes: Changes, name: string): Topic | Refusal | undefined {
    const topic = this.topics.find(name)
    const { autoCreateTopics, defaultPartitions } = this.settings
    if (topic || !autoCreateTopics) return topic
    const refusal = this.topics.refusalOfNew(name, defaultPartitions)
    return refusal ?? this.topics.create(changes, name, defaultPartitions, {})
  }

  /**
   * Scans a log for a request. The scan is over when the log is gone, nobody waits for the answer, or the engine
   * closes.
   */
  scanOf(log: PartitionLog, signal?: AbortSignal): LogScan {
    return new LogScan(
      log.reads,
      () => signal?.aborted === true || this.#isClosed || this.topics.logOf(log.logId) !== log,
      this.unpacking,
    )
  }

  /** Call it after a scan: if the scan ended early, its result is incomplete. */
  throwIfOver(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted()
    if (this.#isClosed) throw closed()
  }

  async close(): Promise<void> {
    const reason = closed()
    this.#isClosed = true
    this.delayedFetches.close(reason)
    this.groups.close()
    this.transactions.close()
    await Promise.all([this.#housekeeping.close(), this.#scrubber.close()])
    await this.#undurable.ended()
    this.#stopped ??= reason
    await this.storage.close()
  }
}

function closed(): DisconnectedError {
  return new DisconnectedError('the engine is closed', { retriable: false, outcome: 'failed' })
}
