import type { StoredOffset } from '../storage/metadata-record.ts'
import type { Storage, StorageChanges } from '../storage/storage.ts'

/** What groups have committed. */
export class OffsetStore {
  readonly #groups = new Map<string, Map<string, Map<number, StoredOffset>>>()

  restore(storage: Storage): void {
    for (const { path, value } of storage.readMetadata('offset')) if (value) this.#set(...path, value)
  }

  get groupIds(): Iterable<string> {
    return this.#groups.keys()
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId)
  }

  get(groupId: string, topic: string, partition: number): StoredOffset | undefined {
    return this.#groups.get(groupId)?.get(topic)?.get(partition)
  }

  committedPartitions(groupId: string): { topic: string; partitions: number[] }[] {
    return [...(this.#groups.get(groupId) ?? [])].map(([topic, offsets]) => ({
      topic,
      partitions: [...offsets.keys()].sort((left, right) => left - right),
    }))
  }

  put(changes: StorageChanges, groupId: string, topic: string, partition: number, offset: StoredOffset): void {
    this.#set(groupId, topic, partition, offset)
    changes.put('offset', [groupId, topic, partition], offset)
  }

  forget(changes: StorageChanges, groupId: string, topic: string, partition: number): void {
    const topics = this.#groups.get(groupId)
    const offsets = topics?.get(topic)
    if (!topics || !offsets?.delete(partition)) return
    changes.put('offset', [groupId, topic, partition], null)
    if (offsets.size === 0) topics.delete(topic)
    if (topics.size === 0) this.#groups.delete(groupId)
  }

  forgetGroup(changes: StorageChanges, groupId: string): void {
    for (const { topic, partitions } of this.committedPartitions(groupId)) {
      for (const partition of partitions) this.forget(changes, groupId, topic, partition)
    }
  }

  forgetTopic(changes: StorageChanges, topic: string): void {
    for (const [groupId, topics] of this.#groups) {
      for (const partition of topics.get(topic)?.keys() ?? []) this.forget(changes, groupId, topic, partition)
    }
  }

  #set(groupId: string, topic: string, partition: number, offset: StoredOffset): void {
    const topics = this.#groups.get(groupId) ?? new Map<string, Map<number, StoredOffset>>()
    const offsets = topics.get(topic) ?? new Map<number, StoredOffset>()
    offsets.set(partition, offset)
    topics.set(topic, offsets)
    this.#groups.set(groupId, topics)
  }
}
