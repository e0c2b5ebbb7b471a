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

/** What the handlers work on: the parts of the engine, and the one way to make a change durable. */
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
    this.topics = new TopicRegistry(storage, settings.runtime, (logId, damage) => this.#tell(logId, damage))
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
      transaction: transactions,
      offset: offsets,
      pendingOffset: offsets,
      group: groups,
      member: groups,
      target: groups,
      current: groups,
    }
  }

  /** Opens the storage, replays what it holds, and goes on. */
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

  /** A unit of changes, to be filled in this turn of the event loop. */
  begin(): Changes {
    return new Changes(this.#replay, this.#memory)
  }

  /**
   * Makes changes durable. Resolves when they are, and readers see them. With nothing to change it waits for what is
   * being written already: it may be what made a change superfluous, such as a request that comes twice.
   *
   * @throws StorageError when they could not be kept; then the engine takes no more
   */
  commit(changes: Changes): Promise<void> {
    if (this.#stopped) return Promise.reject(this.#stopped)
    if (changes.isEmpty) return this.settled()
    this.freeSpace.use(changes)
    const committing = this.storage.commit(changes).then(
      () => {
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

  /** How many batches are known to be damaged. */
  get damagedBatches(): number {
    return this.topics
      .all()
      .reduce((sum, { partitions }) => partitions.reduce((more, { reads }) => more + reads.damagedBatches, sum), 0)
  }

  #tell(logId: number, damage: Damage): void {
    const place = this.topics.partitionOf(logId)
    if (place) this.#events.emit('damaged', { ...place, ...damage })
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined
  }

  /** Why it takes no more; undefined while it does. */
  get failure(): Error | undefined {
    return this.#stopped ?? this.storage.failure
  }

  /**
   * Takes no more, because what is in memory no longer matches what was kept, so nothing that follows could be trusted.
   *
   * Everybody hears that the outcome is unknown, also of a unit that the storage never began to write: another copy of
   * the request, or the state that it was answered from, may be in the unit that was being written.
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
   * Answers a request when nothing that it may have seen can be taken back by a crash. A handler that changes
   * something, or that waits for something, sees to that by itself: by `commit`, whose unit is durable after all those
   * before it, or by `settled`. For one that only looks it is done here, and so it is for refusals, which tell of the
   * state, too.
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
   * Resolves when everything that is being written now is durable.
   *
   * @throws StorageError when something could not be kept, now or before
   */
  async settled(): Promise<void> {
    await this.#undurable.settled()
  }

  /**
   * As `settled`, of the topics that there are and where their logs begin; undefined when there is nothing to wait for.
   */
  topicsSettled(): Promise<unknown> | undefined {
    return this.#undurable.topicsSettled()
  }

  /** The topic, made when it is not there and that is allowed. Durable with the unit. */
  topicForUse(changes: Changes, name: string): Topic | Refusal | undefined {
    const topic = this.topics.find(name)
    const { autoCreateTopics, defaultPartitions } = this.settings
    if (topic || !autoCreateTopics) return topic
    const refusal = this.topics.refusalOfNew(name, defaultPartitions)
    return refusal ?? this.topics.create(changes, name, defaultPartitions, {})
  }

  /** The scan of a log for a request: over when the log is gone, nobody waits for the answer, or this is closed. */
  scanOf(log: PartitionLog, signal?: AbortSignal): LogScan {
    return new LogScan(
      log.reads,
      () => signal?.aborted === true || this.#isClosed || this.topics.logOf(log.logId) !== log,
    )
  }

  /** For what was scanned: if the scan was ended early, it says nothing. */
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
