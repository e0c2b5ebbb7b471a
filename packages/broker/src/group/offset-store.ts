import type { Clock } from '@kafkado/core'
import type { Changes } from '../records/changes.ts'
import type { MetadataRecord, StoredOffset } from '../storage/metadata-record.ts'
import { momentOf } from '../records/stored-time.ts'
import type { GroupBounds } from './group-bounds.ts'
import { PendingOffsets } from './pending-offsets.ts'

/** The stored offset, and the moment of its commit by the monotonic clock. */
interface KeptOffset {
  readonly stored: StoredOffset
  readonly committedMs: number
}

/** A committed offset with its leader epoch and metadata. */
export type CommittedOffset = Omit<StoredOffset, 'order'>

/** The committed offsets of all groups. */
export class OffsetStore {
  readonly #clock: Clock
  readonly #groups = new Map<string, Map<string, Map<number, KeptOffset>>>()
  readonly #bounds: GroupBounds
  readonly #pending: PendingOffsets
  #lastOrder = 0

  /** @param bounds is told which groups have offsets */
  constructor(clock: Clock, bounds: GroupBounds) {
    this.#clock = clock
    this.#bounds = bounds
    this.#pending = new PendingOffsets(bounds)
  }

  replay(record: MetadataRecord<'offset'> | MetadataRecord<'pendingOffset'>): void {
    this.#lastOrder = Math.max(this.#lastOrder, record.value?.order ?? 0)
    if (record.kind === 'pendingOffset') this.#pending.replay(record)
    else if (record.value) this.#set(...record.path, record.value)
    else this.#delete(...record.path)
  }

  get groupIds(): Iterable<string> {
    return new Set([...this.#groups.keys(), ...this.#pending.groupIds])
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId) || this.#pending.has(groupId)
  }

  get(groupId: string, topic: string, partition: number): StoredOffset | undefined {
    return this.#groups.get(groupId)?.get(topic)?.get(partition)?.stored
  }

  /** Whether an open transaction may still change it. */
  isUndecided(groupId: string, topic: string, partition: number): boolean {
    return this.#pending.isUndecided(groupId, topic, partition)
  }

  committedPartitions(groupId: string): { topic: string; partitions: number[] }[] {
    return [...(this.#groups.get(groupId) ?? [])].map(([topic, offsets]) => ({
      topic,
      partitions: [...offsets.keys()].sort((left, right) => left - right),
    }))
  }

  put(changes: Changes, groupId: string, topic: string, partition: number, offset: CommittedOffset): void {
    changes.put('offset', [groupId, topic, partition], { ...offset, order: this.#lastOrder + 1 })
  }

  /** Keeps a commit that takes effect when the producer's transaction is committed. */
  putPending(
    changes: Changes,
    groupId: string,
    producerId: number,
    topic: string,
    partition: number,
    offset: CommittedOffset,
  ): void {
    changes.put('pendingOffset', [groupId, topic, partition, producerId], { ...offset, order: this.#lastOrder + 1 })
  }

  /** Puts pending commits into effect, or drops them. Later commits for the partition stay. */
  endTransaction(changes: Changes, groupId: string, producerId: number, committed: boolean): void {
    for (const { topic, partition, offset } of this.#pending.take(changes, groupId, producerId)) {
      const isNewest = offset.order > (this.get(groupId, topic, partition)?.order ?? 0)
      if (committed && isNewest) changes.put('offset', [groupId, topic, partition], offset)
    }
  }

  forget(changes: Changes, groupId: string, topic: string, partition: number): void {
    this.#pending.forget(changes, groupId, (one) => one.topic === topic && one.partition === partition)
    if (this.get(groupId, topic, partition)) changes.put('offset', [groupId, topic, partition], null)
  }

  forgetGroup(changes: Changes, groupId: string): void {
    this.#pending.forget(changes, groupId)
    for (const { topic, partitions } of this.committedPartitions(groupId)) {
      for (const partition of partitions) this.forget(changes, groupId, topic, partition)
    }
  }

  forgetTopic(changes: Changes, topic: string): void {
    for (const groupId of this.groupIds) {
      this.#pending.forget(changes, groupId, (one) => one.topic === topic)
      for (const partition of this.#groups.get(groupId)?.get(topic)?.keys() ?? [])
        this.forget(changes, groupId, topic, partition)
    }
  }

  /**
   * Removes offsets committed before that moment of the monotonic clock, except for partitions in use or in an open
   * transaction.
   */
  expire(changes: Changes, beforeMs: number, topicsInUse: (groupId: string) => ReadonlySet<string>): void {
    for (const [groupId, topics] of this.#groups) {
      const inUse = topicsInUse(groupId)
      for (const [topic, offsets] of topics) {
        if (inUse.has(topic)) continue
        for (const [partition, { committedMs }] of offsets) {
          if (committedMs < beforeMs && !this.isUndecided(groupId, topic, partition))
            this.forget(changes, groupId, topic, partition)
        }
      }
    }
  }

  #set(groupId: string, topic: string, partition: number, stored: StoredOffset): void {
    const committedMs = momentOf(this.#clock, stored.commitTimestampMs)
    const topics = this.#groups.get(groupId) ?? new Map<string, Map<number, KeptOffset>>()
    const offsets = topics.get(topic) ?? new Map<number, KeptOffset>()
    offsets.set(partition, { stored, committedMs })
    topics.set(topic, offsets)
    if (!this.#groups.has(groupId)) this.#bounds.add(groupId)
    this.#groups.set(groupId, topics)
  }

  #delete(groupId: string, topic: string, partition: number): void {
    const topics = this.#groups.get(groupId)
    const offsets = topics?.get(topic)
    if (!topics || !offsets?.delete(partition)) return
    if (offsets.size === 0) topics.delete(topic)
    if (topics.size > 0) return
    this.#groups.delete(groupId)
    this.#bounds.remove(groupId)
  }
}
