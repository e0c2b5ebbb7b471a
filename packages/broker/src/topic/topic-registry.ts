import type { KafkaErrorName, Runtime } from '@kafkado/core'
import { PartitionLog } from '../log/partition-log.ts'
import type { StoredLog, StoredProducer, StoredTopic } from '../storage/metadata-record.ts'
import { readMetadata } from '../storage/read-metadata.ts'
import type { Storage, StorageChanges } from '../storage/storage.ts'

import { type TopicSettings, topicSettings } from './topic-settings.ts'

/** More partitions than this are a mistake. */
export const mostPartitions = 100_000

export interface Topic {
  readonly topicId: string
  readonly name: string
  readonly partitions: PartitionLog[]
  configs: Record<string, string>
  /** What the configuration comes to. */
  settings: TopicSettings
}

/** Why something cannot be done with a topic. */
export class TopicRefusal extends Error {
  readonly errorName: KafkaErrorName

  constructor(errorName: KafkaErrorName, message: string) {
    super(message)
    this.errorName = errorName
  }
}

/** The topics by name and id, and the logs by number. Changes are in force at once, and durable with the unit that they are added to. */
export class TopicRegistry {
  readonly #storage: Storage
  readonly #runtime: Runtime
  readonly #byName = new Map<string, Topic>()
  readonly #owners = new Map<number, { readonly topic: Topic; readonly partition: number }>()
  #clusterId = ''
  #nextLogId = 1
  /** Grows whenever topics or their partitions change, so that groups see when to assign anew. */
  version = 0

  constructor(storage: Storage, runtime: Runtime) {
    this.#storage = storage
    this.#runtime = runtime
  }

  /** Reads what was kept. */
  restore(changes: StorageChanges): void {
    const identity = readMetadata(this.#storage, 'engine')[0]?.value
    this.#clusterId = identity?.clusterId ?? this.#runtime.random.uuid()
    this.#nextLogId = identity?.nextLogId ?? 1
    if (!identity) this.#keepIdentity(changes)
    const logs = new Map(readMetadata(this.#storage, 'log').map(({ path, value }) => [path[0], value ?? undefined]))
    for (const { path, value } of readMetadata(this.#storage, 'topic')) {
      if (!value) continue
      const partitions = value.logIds.map((logId) => this.#newLog(logId, logs.get(logId)))
      const { name, configs } = value
      this.#add({ topicId: path[0], name, partitions, configs: { ...configs }, settings: topicSettings(configs) })
    }
    const producers = new Map<number, [number, StoredProducer][]>()
    for (const { path, value } of readMetadata(this.#storage, 'producer')) {
      const [logId, producerId] = path
      if (value) producers.set(logId, [...(producers.get(logId) ?? []), [producerId, value]])
    }
    for (const [logId, known] of producers) this.logOf(logId)?.restoreProducers(known)
    for (const { path, value } of readMetadata(this.#storage, 'aborted'))
      if (value) this.logOf(path[0])?.aborted.restore(path[1], value)
    for (const { path, value } of readMetadata(this.#storage, 'cleaner')) {
      if (value) this.logOf(path[0])?.cleaning.restore(value)
    }
  }

  get clusterId(): string {
    return this.#clusterId
  }

  all(): Topic[] {
    return [...this.#byName.values()]
  }

  find(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  log(topic: string, partition: number): PartitionLog | undefined {
    return this.#byName.get(topic)?.partitions[partition]
  }

  /** The log of that number; undefined when it was deleted. */
  logOf(logId: number): PartitionLog | undefined {
    const owner = this.#owners.get(logId)
    return owner?.topic.partitions[owner.partition]
  }

  /** Which partition a log is; undefined when it was deleted. */
  partitionOf(logId: number): { readonly topic: string; readonly partition: number } | undefined {
    const owner = this.#owners.get(logId)
    return owner && { topic: owner.topic.name, partition: owner.partition }
  }

  /** Logs as the partitions that they are, without those deleted. */
  topicPartitions(logIds: Iterable<number>): { topic: string; partitions: number[] }[] {
    const topics = new Map<string, number[]>()
    for (const logId of logIds) {
      const found = this.partitionOf(logId)
      if (found) topics.set(found.topic, [...(topics.get(found.topic) ?? []), found.partition])
    }
    return [...topics].map(([topic, partitions]) => ({
      topic,
      partitions: partitions.sort((left, right) => left - right),
    }))
  }

  /** @throws TopicRefusal when the name is not valid or taken, or the number of partitions is not possible */
  checkNew(name: string, partitions: number): void {
    if (!/^[A-Za-z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..') {
      throw new TopicRefusal(
        'INVALID_TOPIC_EXCEPTION',
        `'${name}' is not a valid topic name: 1 to 249 of A-Z a-z 0-9 . _ -, neither '.' nor '..'`,
      )
    }
    if (this.#byName.has(name)) throw new TopicRefusal('TOPIC_ALREADY_EXISTS', `topic '${name}' exists already`)
    // In the names of metrics a dot and an underscore are the same, so Kafka does not let two topics differ in nothing else.
    const twin = this.all().find((topic) => topic.name.replaceAll('.', '_') === name.replaceAll('.', '_'))
    if (twin)
      throw new TopicRefusal(
        'INVALID_TOPIC_EXCEPTION',
        `topic '${name}' differs from '${twin.name}' only in dots and underscores`,
      )
    if (partitions < 1 || partitions > mostPartitions) {
      throw new TopicRefusal('INVALID_PARTITIONS', `a topic has 1 to ${mostPartitions} partitions, not ${partitions}`)
    }
  }

  /** @throws TopicRefusal as `checkNew` does */
  create(changes: StorageChanges, name: string, partitions: number, configs: Record<string, string>): Topic {
    this.checkNew(name, partitions)
    const topic: Topic = {
      topicId: this.#runtime.random.uuid(),
      name,
      partitions: this.#newLogs(partitions),
      configs,
      settings: topicSettings(configs),
    }
    this.#add(topic)
    this.#keepIdentity(changes)
    this.#keep(changes, topic)
    return topic
  }

  addPartitions(changes: StorageChanges, topic: Topic, count: number): void {
    topic.partitions.push(...this.#newLogs(count - topic.partitions.length))
    this.#add(topic)
    this.#keepIdentity(changes)
    this.#keep(changes, topic)
  }

  configure(changes: StorageChanges, topic: Topic, configs: Record<string, string>): void {
    topic.configs = configs
    topic.settings = topicSettings(configs)
    this.#keep(changes, topic)
  }

  /** Forgets the topic. Its batches are removed once that is durable. */
  delete(changes: StorageChanges, topic: Topic): void {
    this.#byName.delete(topic.name)
    this.version++
    changes.put('topic', [topic.topicId], null)
    for (const log of topic.partitions) {
      this.#owners.delete(log.logId)
      log.forget(changes)
    }
  }

  #newLogs(count: number): PartitionLog[] {
    return Array.from({ length: count }, () => this.#newLog(this.#nextLogId++))
  }

  #newLog(logId: number, stored?: StoredLog): PartitionLog {
    return new PartitionLog(this.#storage, this.#runtime.clock, logId, stored)
  }

  #add(topic: Topic): void {
    this.#byName.set(topic.name, topic)
    topic.partitions.forEach((log, partition) => this.#owners.set(log.logId, { topic, partition }))
    this.version++
  }

  #keep(changes: StorageChanges, { topicId, name, partitions, configs }: Topic): void {
    const stored: StoredTopic = { name, logIds: partitions.map(({ logId }) => logId), configs }
    changes.put('topic', [topicId], stored)
  }

  #keepIdentity(changes: StorageChanges): void {
    changes.put('engine', ['identity'], { clusterId: this.#clusterId, nextLogId: this.#nextLogId })
  }
}
