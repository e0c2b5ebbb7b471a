import { DisconnectedError, KafkaError, type Runtime, StorageError } from '@kafkado/core'
import type { EngineSettings } from './broker-options.ts'
import { DelayedFetches } from './fetch/delayed-fetch.ts'
import { FreeSpace } from './free-space.ts'
import { GroupCoordinator } from './group/group-coordinator.ts'
import { Housekeeping } from './housekeeping.ts'
import { AppendOrder } from './log/append-order.ts'
import { ProducerIds } from './producer-ids.ts'
import { readMetadata } from './storage/read-metadata.ts'
import { type Storage, StorageChanges } from './storage/storage.ts'
import { TransactionCoordinator } from './transaction/transaction-coordinator.ts'
import { TopicRegistry, type Topic } from './topic/topic-registry.ts'
import { UndurableUnits } from './undurable-units.ts'

/** What the handlers work on: the parts of the engine, and the one way to make a change durable. */
export class Engine {
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
  #stopped: Error | undefined
  readonly #undurable = new UndurableUnits()
  /** How many removals of batches are under way in each log. */
  readonly #trims = new Map<number, number>()

  constructor(storage: Storage, settings: EngineSettings) {
    this.storage = storage
    this.settings = settings
    this.runtime = settings.runtime
    this.topics = new TopicRegistry(storage, settings.runtime)
    const commit = (changes: StorageChanges): Promise<void> => this.commit(changes)
    this.groups = new GroupCoordinator(this.topics, settings, commit)
    const { topics, producerIds } = this
    this.transactions = new TransactionCoordinator({
      topics,
      producerIds,
      settings,
      commit,
      offsets: this.groups.offsets,
    })
    this.delayedFetches = new DelayedFetches(settings.runtime)
    this.freeSpace = new FreeSpace(storage, settings.minFreeBytes)
    this.#housekeeping = new Housekeeping(this)
  }

  /** Opens the storage and reads what it holds. */
  async open(): Promise<void> {
    await this.storage.open()
    const changes = new StorageChanges()
    this.topics.restore(changes)
    this.producerIds.restore(this.storage)
    await this.groups.restore(this.storage)
    this.transactions.restore(this.storage)
    await this.commit(changes)
    for (const { path, value } of readMetadata(this.storage, 'trim'))
      if (value) void this.trim(path[0], value.beforeOffset)
    await this.freeSpace.measure()
    this.#housekeeping.start()
  }

  /**
   * Makes changes durable. Resolves when they are, and readers see them. With nothing to change it waits for what is being written already:
   * it may be what made a change superfluous, such as a request that comes twice.
   *
   * @throws StorageError when they could not be kept; then the engine takes no more
   */
  commit(changes: StorageChanges): Promise<void> {
    if (this.#stopped) return Promise.reject(this.#stopped)
    if (changes.isEmpty) return this.settled()
    this.freeSpace.use(changes)
    const committing = this.storage.commit(changes).then(
      () => {
        for (const action of changes.afterCommit) action()
      },
      (cause: unknown) => {
        throw this.stop(cause)
      },
    )
    this.#undurable.add(committing, changes)
    return committing
  }

  /** Why it takes no more; undefined while it does. */
  get failure(): Error | undefined {
    return this.#stopped ?? this.storage.failure
  }

  /** Takes no more, because what is in memory no longer matches what was kept, so nothing that follows could be trusted. */
  stop(cause: unknown): Error {
    this.#stopped ??= KafkaError.is(cause)
      ? cause
      : new StorageError(`the storage failed: ${String(cause)}`, { cause, retriable: false, outcome: 'unknown' })
    return this.#stopped
  }

  /**
   * Answers a request when nothing that it may have seen can be taken back by a crash. A handler that changes something, or that waits for
   * something, sees to that by itself: by `commit`, whose unit is durable after all those before it, or by `settled`. For one that only looks
   * it is done here, and so it is for refusals, which tell of the state, too.
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

  /** Resolves when everything that is being written now is durable. @throws StorageError when something could not be kept, now or before */
  async settled(): Promise<void> {
    await this.#undurable.settled()
  }

  /** As `settled`, of the topics that there are and where their logs begin; undefined when there is nothing to wait for. */
  topicsSettled(): Promise<unknown> | undefined {
    return this.#undurable.topicsSettled()
  }

  /** Removes batches that can no longer be reached, slice by slice. */
  async trim(logId: number, beforeOffset: number | null): Promise<void> {
    this.#trims.set(logId, (this.#trims.get(logId) ?? 0) + 1)
    try {
      while (!this.#stopped && !(await this.storage.removeBatches(logId, beforeOffset)));
      const othersLeft = (this.#trims.get(logId) ?? 1) - 1
      this.#trims.set(logId, othersLeft)
      // The note is that of the latest, which removes the most: whoever ends last takes it away.
      if (othersLeft > 0) return
      this.#trims.delete(logId)
      const changes = new StorageChanges()
      changes.put('trim', [logId], null)
      await this.commit(changes)
      await this.storage.reclaim()
    } catch (error) {
      // It is noted in the storage and goes on at the next start. Nobody waits for it, so whoever comes next is told.
      this.stop(error)
    }
  }

  /** The topic, made when it is not there and that is allowed. Durable with the unit. */
  topicForUse(changes: StorageChanges, name: string): Topic | undefined {
    const topic = this.topics.find(name)
    if (topic || !this.settings.autoCreateTopics) return topic
    return this.topics.create(changes, name, this.settings.defaultPartitions, {})
  }

  async close(): Promise<void> {
    const reason = new DisconnectedError('the engine is closed', { retriable: false, outcome: 'failed' })
    this.delayedFetches.close(reason)
    this.groups.close()
    this.transactions.close()
    await this.#housekeeping.close()
    await this.#undurable.ended()
    this.#stopped ??= reason
    await this.storage.close()
  }
}
