import { partitionKey } from '@kafkado/core/internal'
import type { Changes } from '../records/changes.ts'
import type { MetadataRecord, StoredOffset } from '../storage/metadata-record.ts'
import type { GroupBounds } from './group-bounds.ts'

interface PendingOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: StoredOffset
}

/** The offsets committed within open transactions, by group and producer. */
export class PendingOffsets {
  readonly #groups = new Map<string, Map<number, Map<string, PendingOffset>>>()
  readonly #bounds: GroupBounds

  constructor(bounds: GroupBounds) {
    this.#bounds = bounds
  }

  replay({ path, value }: MetadataRecord<'pendingOffset'>): void {
    const [groupId, topic, partition, producerId] = path
    if (value) this.#set(groupId, producerId, { topic, partition, offset: value })
    else this.#delete(groupId, producerId, topic, partition)
  }

  get groupIds(): Iterable<string> {
    return this.#groups.keys()
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId)
  }

  /** Whether an open transaction may still change the group's committed offset for the partition. */
  isUndecided(groupId: string, topic: string, partition: number): boolean {
    const producers = this.#groups.get(groupId)?.values() ?? []
    return [...producers].some((pending) => pending.has(partitionKey({ topic, partition })))
  }

  /** Removes and returns a producer's commits for a group, because its transaction has ended. */
  take(changes: Changes, groupId: string, producerId: number): PendingOffset[] {
    const pending = [...(this.#groups.get(groupId)?.get(producerId)?.values() ?? [])]
    for (const { topic, partition } of pending)
      changes.put('pendingOffset', [groupId, topic, partition, producerId], null)
    return pending
  }

  /** Removes the pending offsets of a group, or of its named partitions. */
  forget(changes: Changes, groupId: string, isMeant: (pending: PendingOffset) => boolean = () => true): void {
    for (const [producerId, pending] of this.#groups.get(groupId) ?? []) {
      for (const one of pending.values()) {
        if (isMeant(one)) changes.put('pendingOffset', [groupId, one.topic, one.partition, producerId], null)
      }
    }
  }

  #delete(groupId: string, producerId: number, topic: string, partition: number): void {
    const producers = this.#groups.get(groupId)
    const offsets = producers?.get(producerId)
    if (!producers || !offsets?.delete(partitionKey({ topic, partition }))) return
    if (offsets.size === 0) producers.delete(producerId)
    if (producers.size > 0) return
    this.#groups.delete(groupId)
    this.#bounds.remove(groupId)
  }

  #set(groupId: string, producerId: number, pending: PendingOffset): void {
    const producers = this.#groups.get(groupId) ?? new Map<number, Map<string, PendingOffset>>()
    const offsets = producers.get(producerId) ?? new Map<string, PendingOffset>()
    offsets.set(partitionKey(pending), pending)
    producers.set(producerId, offsets)
    if (!this.#groups.has(groupId)) this.#bounds.add(groupId)
    this.#groups.set(groupId, producers)
  }
}
