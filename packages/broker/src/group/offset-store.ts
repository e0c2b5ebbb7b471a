import type { Clock } from '@kafkado/core'
import type { StoredOffset } from '../storage/metadata-record.ts'
import { readMetadata } from '../storage/read-metadata.ts'
import type { Storage, StorageChanges } from '../storage/storage.ts'
import { momentOf } from '../stored-time.ts'
import { PendingOffsets } from './pending-offsets.ts'

/** As it is kept, and when it was committed by the monotonic clock. */
interface KeptOffset {
  readonly stored: StoredOffset
  readonly committedMs: number
}

/** What is committed: the offset, and what goes with it. */
export type CommittedOffset = Omit<StoredOffset, 'order'>

/** What groups have committed. */
export class OffsetStore {
  readonly #clock: Clock
  readonly #groups = new Map<string, Map<string, Map<number, KeptOffset>>>()
  readonly #pending = new PendingOffsets()
  #lastOrder = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  restore(storage: Storage): void {
    for (const kind of ['offset', 'pendingOffset'] as const) {
      for (const { value } of readMetadata(storage, kind))
        this.#lastOrder = Math.max(this.#lastOrder, value?.order ?? 0)
    }
    for (const { path, value } of readMetadata(storage, 'offset'))
      if (value) this.#set(...path, value, momentOf(this.#clock, value.commitTimestampMs))
    this.#pending.restore(storage)
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

  put(changes: StorageChanges, groupId: string, topic: string, partition: number, offset: CommittedOffset): void {
    this.#put(changes, groupId, topic, partition, { ...offset, order: ++this.#lastOrder })
  }

  /** Takes note of a commit that is in force only once the producer's transaction is committed. */
  putPending(
    changes: StorageChanges,
    groupId: string,
    producerId: number,
    topic: string,
    partition: number,
    offset: CommittedOffset,
  ): void {
    this.#pending.put(changes, groupId, producerId, {
      topic,
      partition,
      offset: { ...offset, order: ++this.#lastOrder },
    })
  }

  /** Brings what was pending into force, or drops it. What was committed for the partition in the meantime stays. */
  endTransaction(changes: StorageChanges, groupId: string, producerId: number, committed: boolean): void {
    for (const { topic, partition, offset } of this.#pending.take(changes, groupId, producerId)) {
      const isNewest = offset.order > (this.get(groupId, topic, partition)?.order ?? 0)
      if (committed && isNewest) this.#put(changes, groupId, topic, partition, offset)
    }
  }

  forget(changes: StorageChanges, groupId: string, topic: string, partition: number): void {
    this.#pending.forget(changes, groupId, (one) => one.topic === topic && one.partition === partition)
    const topics = this.#groups.get(groupId)
    const offsets = topics?.get(topic)
    if (!topics || !offsets?.delete(partition)) return
    changes.put('offset', [groupId, topic, partition], null)
    if (offsets.size === 0) topics.delete(topic)
    if (topics.size === 0) this.#groups.delete(groupId)
  }

  forgetGroup(changes: StorageChanges, groupId: string): void {
    this.#pending.forget(changes, groupId)
    for (const { topic, partitions } of this.committedPartitions(groupId)) {
      for (const partition of partitions) this.forget(changes, groupId, topic, partition)
    }
  }

  forgetTopic(changes: StorageChanges, topic: string): void {
    for (const groupId of this.groupIds) {
      this.#pending.forget(changes, groupId, (one) => one.topic === topic)
      for (const partition of this.#groups.get(groupId)?.get(topic)?.keys() ?? [])
        this.forget(changes, groupId, topic, partition)
    }
  }

  /** Forgets what was committed before that moment of the monotonic clock, except for partitions that are in use or in an open transaction. */
  expire(changes: StorageChanges, beforeMs: number, isInUse: (groupId: string, topic: string) => boolean): void {
    for (const [groupId, topics] of this.#groups) {
      for (const [topic, offsets] of topics) {
        if (isInUse(groupId, topic)) continue
        for (const [partition, { committedMs }] of offsets) {
          if (committedMs < beforeMs && !this.isUndecided(groupId, topic, partition))
            this.forget(changes, groupId, topic, partition)
        }
      }
    }
  }

  #put(changes: StorageChanges, groupId: string, topic: string, partition: number, offset: StoredOffset): void {
    this.#set(groupId, topic, partition, offset, this.#clock.monotonic())
    changes.put('offset', [groupId, topic, partition], offset)
  }

  #set(groupId: string, topic: string, partition: number, stored: StoredOffset, committedMs: number): void {
    const topics = this.#groups.get(groupId) ?? new Map<string, Map<number, KeptOffset>>()
    const offsets = topics.get(topic) ?? new Map<number, KeptOffset>()
    offsets.set(partition, { stored, committedMs })
    topics.set(topic, offsets)
    this.#groups.set(groupId, topics)
  }
}
