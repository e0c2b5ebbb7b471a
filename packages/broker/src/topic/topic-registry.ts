import type { Runtime } from '@kafkado/core'
import type { Damage } from '../log/log-reads.ts'
import { type LogRecord, PartitionLog } from '../log/partition-log.ts'
import type { Changes } from '../records/changes.ts'
import { Refusal } from '../refusals/refusal.ts'
import type { MetadataRecord, StoredTopic } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'
import { type TopicSettings, topicSettings } from '../settings/topic-settings.ts'
import { refusalOfCount, refusalOfMore, type TopicBounds } from './topic-bounds.ts'

export interface Topic {
  readonly topicId: string
  readonly name: string
  partitions: readonly PartitionLog[]
  configs: Readonly<Record<string, string>>
  /** The topic's configuration, parsed. */
  settings: TopicSettings
}

/** The topics by name and id, and the logs by number. Only `replay` of a record changes them. */
export class TopicRegistry {
  readonly #storage: Storage
  readonly #runtime: Runtime
  readonly #bounds: TopicBounds
  readonly #onDamage: (logId: number, damage: Damage) => void
  readonly #byName = new Map<string, Topic>()
  readonly #byMetricName = new Map<string, Topic>()
  readonly #byId = new Map<string, Topic>()
  readonly #owners = new Map<number, { readonly topic: Topic; readonly partition: number }>()
  #clusterId = ''
  #nextLogId = 1
  /** Grows whenever topics or their partitions change, so that groups know when to assign anew. */
  version = 0
  /** Replays records of logs. Remains of a deleted log have no owner. */
  readonly logs = {
    replay: (record: LogRecord): void => this.logOf(record.path[0])?.replay(record),
  }

  /** @param onDamage called with each batch found damaged */
  constructor(
    storage: Storage,
    { runtime, ...bounds }: TopicBounds & { readonly runtime: Runtime },
    onDamage: (logId: number, damage: Damage) => void,
  ) {
    this.#onDamage = onDamage
    this.#storage = storage
    this.#runtime = runtime
    this.#bounds = bounds
  }

  replay(record: MetadataRecord<'engine'> | MetadataRecord<'topic'>): void {
    if (record.kind === 'topic') {
      const topic = this.#byId.get(record.path[0])
      if (record.value) this.#replayTopic(record.path[0], record.value)
      else if (topic) this.#forgetTopic(topic)
    } else if (record.value) {
      this.#clusterId = record.value.clusterId
      this.#nextLogId = record.value.nextLogId
    }
  }

  /** Gives a new store its identity. */
  identify(changes: Changes): void {
    if (this.#clusterId !== '') return
    changes.put('engine', ['identity'], { clusterId: this.#runtime.random.uuid(), nextLogId: this.#nextLogId })
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

  ofId(topicId: string): Topic | undefined {
    return this.#byId.get(topicId)
  }

  log(topic: string, partition: number): PartitionLog | undefined {
    return this.#byName.get(topic)?.partitions[partition]
  }

  /** The log of that number; undefined if it was deleted. */
  logOf(logId: number): PartitionLog | undefined {
    const owner = this.#owners.get(logId)
    return owner?.topic.partitions[owner.partition]
  }

  /** The partition of a log; undefined if it was deleted. */
  partitionOf(logId: number): { readonly topic: string; readonly partition: number } | undefined {
    const owner = this.#owners.get(logId)
    return owner && { topic: owner.topic.name, partition: owner.partition }
  }

  /** The partitions of logs, without deleted ones. */
  topicPartitions(logIds: Iterable<number>): { topic: string; partitions: number[] }[] {
    const found = Array.from(logIds, (logId) => this.partitionOf(logId)).filter((one) => one !== undefined)
    return [...Map.groupBy(found, ({ topic }) => topic)].map(([topic, own]) => ({
      topic,
      partitions: own.map(({ partition }) => partition).sort((left, right) => left - right),
    }))
  }

  /** Why such a topic cannot be created: its name is not valid or taken, or the number of partitions is impossible. */
  refusalOfNew(name: string, partitions: number): Refusal | undefined {
    if (!/^[A-Za-z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..') {
      return new Refusal(
        'INVALID_TOPIC_EXCEPTION',
        `'${name}' is not a valid topic name: 1 to 249 of A-Z a-z 0-9 . _ -, neither '.' nor '..'`,
      )
    }
    if (this.#byName.has(name)) return new Refusal('TOPIC_ALREADY_EXISTS', `topic '${name}' exists already`)
    // A dot and an underscore are the same in the names of metrics, so Kafka refuses two topics that differ only in
    // them.
    // The message does not name the other topic, because the caller may not be allowed to see it.
    if (this.#byMetricName.has(metricName(name)))
      return new Refusal(
        'INVALID_TOPIC_EXCEPTION',
        `topic '${name}' differs from an existing topic only in dots and underscores`,
      )
    return refusalOfCount(this.#bounds, partitions) ?? this.#refusalOfMore(1, partitions)
  }

  /** Why the topic cannot grow to that number of partitions. */
  refusalOfGrowth({ name, partitions: { length: present } }: Topic, count: number): Refusal | undefined {
    if (count <= present) {
      const message = `topic '${name}' has ${present} partitions; it can only get more, not ${count}`
      return new Refusal('INVALID_PARTITIONS', message)
    }
    return refusalOfCount(this.#bounds, count) ?? this.#refusalOfMore(0, count - present)
  }

  #refusalOfMore(topics: number, partitions: number): Refusal | undefined {
    const present = { topics: this.#byName.size, partitions: this.#owners.size }
    return refusalOfMore(this.#bounds, present, { topics, partitions })
  }

  /** Creates a topic that `refusalOfNew` accepts. */
  create(changes: Changes, name: string, partitions: number, configs: Record<string, string>): Topic {
    const topicId = this.#runtime.random.uuid()
    changes.put('topic', [topicId], { name, logIds: this.#newLogIds(changes, partitions), configs })
    return this.#byId.get(topicId) as Topic
  }

  addPartitions(changes: Changes, topic: Topic, count: number): void {
    const { topicId, name, configs } = topic
    const logIds = [...logIdsOf(topic), ...this.#newLogIds(changes, count - topic.partitions.length)]
    changes.put('topic', [topicId], { name, logIds, configs })
  }

  configure(changes: Changes, topic: Topic, configs: Record<string, string>): void {
    changes.put('topic', [topic.topicId], { name: topic.name, logIds: logIdsOf(topic), configs })
  }

  /** Removes the topic. Its batches are removed once that is durable. */
  delete(changes: Changes, topic: Topic): void {
    changes.put('topic', [topic.topicId], null)
    for (const log of topic.partitions) log.forget(changes)
  }

  /** Reserves numbers of logs. */
  #newLogIds(changes: Changes, count: number): number[] {
    const first = this.#nextLogId
    changes.put('engine', ['identity'], { clusterId: this.#clusterId, nextLogId: first + count })
    return Array.from({ length: count }, (_, index) => first + index)
  }

  #replayTopic(topicId: string, { name, logIds, configs }: StoredTopic): void {
    const known = this.#byId.get(topicId)
    // Requests that wait for records of the topic hold this object, so it stays the same.
    const topic = known ?? { topicId, name, partitions: [], configs, settings: topicSettings(configs) }
    if (known?.configs !== configs) Object.assign(topic, { configs, settings: topicSettings(configs) })
    if (known?.partitions.length === logIds.length) return
    topic.partitions = logIds.map((logId, partition) => known?.partitions[partition] ?? this.#newLog(logId))
    topic.partitions.forEach(({ logId }, partition) => this.#owners.set(logId, { topic, partition }))
    this.#byId.set(topicId, topic)
    this.#byName.set(name, topic)
    this.#byMetricName.set(metricName(name), topic)
    this.version++
  }

  #newLog(logId: number): PartitionLog {
    return new PartitionLog(this.#storage, this.#runtime.clock, logId, (damage) => this.#onDamage(logId, damage))
  }

  #forgetTopic({ topicId, name, partitions }: Topic): void {
    this.#byId.delete(topicId)
    this.#byName.delete(name)
    this.#byMetricName.delete(metricName(name))
    for (const { logId } of partitions) this.#owners.delete(logId)
    this.version++
  }
}

function metricName(topic: string): string {
  return topic.replaceAll('.', '_')
}

function logIdsOf({ partitions }: Topic): number[] {
  return partitions.map(({ logId }) => logId)
}
