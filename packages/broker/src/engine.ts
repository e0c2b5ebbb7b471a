import { DisconnectedError, KafkaError, type Runtime, StorageError } from '@kafkado/core'
import type { EngineSettings } from './broker-options.ts'
import { DelayedFetches } from './fetch/delayed-fetch.ts'
import { FreeSpace } from './free-space.ts'
import { GroupCoordinator } from './group/group-coordinator.ts'
import { Housekeeping } from './housekeeping.ts'
import { ProducerIds } from './producer-ids.ts'
import { type Storage, StorageChanges } from './storage/storage.ts'
import { TransactionCoordinator } from './transaction/transaction-coordinator.ts'
import { TopicRegistry, type Topic } from './topic/topic-registry.ts'

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
  readonly #housekeeping: Housekeeping
  #stopped: Error | undefined
  readonly #committing = new Set<Promise<void>>()

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
    for (const { path, value } of this.storage.readMetadata('trim'))
      if (value) void this.trim(path[0], value.beforeOffset)
    await this.freeSpace.measure()
    this.#housekeeping.start()
  }

  /**
   * Makes changes durable. Resolves when they are, and readers see them.
   *
   * @throws StorageError when they could not be kept; then the engine takes no more
   */
  commit(changes: StorageChanges): Promise<void> {
    if (this.#stopped) return Promise.reject(this.#stopped)
    if (changes.isEmpty) return Promise.resolve()
    this.freeSpace.use(changes)
    const committing = this.storage.commit(changes).then(
      () => {
        for (const action of changes.afterCommit) action()
      },
      (cause: unknown) => {
        throw this.stop(cause)
      },
    )
    this.#committing.add(committing)
    const done = (): void => void this.#committing.delete(committing)
    committing.then(done, done)
    return committing
  }

  /** Takes no more, because what is in memory no longer matches what was kept, so nothing that follows could be trusted. */
  stop(cause: unknown): Error {
    this.#stopped ??= KafkaError.is(cause)
      ? cause
      : new StorageError(`the storage failed: ${String(cause)}`, { cause, retriable: false, outcome: 'unknown' })
    return this.#stopped
  }

  /** Resolves when everything that is being committed now is durable. */
  async settled(): Promise<void> {
    await Promise.all(this.#committing)
  }

  /** Resolves when the unit is durable; when it is empty, when what it was found superfluous by is. */
  durable(changes: StorageChanges): Promise<void> {
    return changes.isEmpty ? this.settled() : this.commit(changes)
  }

  /** Removes batches that can no longer be reached, slice by slice. */
  async trim(logId: number, beforeOffset: number | null): Promise<void> {
    try {
      while (!this.#stopped && !(await this.storage.removeBatches(logId, beforeOffset)));
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
    await Promise.allSettled(this.#committing)
    this.#stopped ??= reason
    await this.storage.close()
  }
}
