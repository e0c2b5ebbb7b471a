import type { StoredOffset } from '../storage/metadata-record.ts'
import { readMetadata } from '../storage/read-metadata.ts'
import type { Storage, StorageChanges } from '../storage/storage.ts'

interface PendingOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: StoredOffset
}

/** What groups have committed within transactions that are still open, by group and producer. */
export class PendingOffsets {
  readonly #groups = new Map<string, Map<number, Map<string, PendingOffset>>>()

  restore(storage: Storage): void {
    for (const { path, value } of readMetadata(storage, 'pendingOffset')) {
      const [groupId, topic, partition, producerId] = path
      if (value) this.#set(groupId, producerId, { topic, partition, offset: value })
    }
  }

  get groupIds(): Iterable<string> {
    return this.#groups.keys()
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId)
  }

  /** Whether an open transaction may still change what the group has committed for the partition. */
  isUndecided(groupId: string, topic: string, partition: number): boolean {
    const producers = this.#groups.get(groupId)?.values() ?? []
    return [...producers].some((pending) => pending.has(keyOf(topic, partition)))
  }

  put(changes: StorageChanges, groupId: string, producerId: number, pending: PendingOffset): void {
    this.#set(groupId, producerId, pending)
    changes.put('pendingOffset', [groupId, pending.topic, pending.partition, producerId], pending.offset)
  }

  /** Takes out what a producer has committed for a group, because its transaction has ended. */
  take(changes: StorageChanges, groupId: string, producerId: number): PendingOffset[] {
    const producers = this.#groups.get(groupId)
    const pending = [...(producers?.get(producerId)?.values() ?? [])]
    for (const { topic, partition } of pending)
      changes.put('pendingOffset', [groupId, topic, partition, producerId], null)
    producers?.delete(producerId)
    if (producers?.size === 0) this.#groups.delete(groupId)
    return pending
  }

  /** Forgets what is pending for a group, or for those of its partitions that are named. */
  forget(changes: StorageChanges, groupId: string, isMeant: (pending: PendingOffset) => boolean = () => true): void {
    // Taken out and put back while it is gone through, so what is gone through is a copy.
    const before = Array.from(this.#groups.get(groupId) ?? [])
    for (const [producerId, pending] of before) {
      const kept = [...pending.values()].filter((one) => !isMeant(one))
      this.take(changes, groupId, producerId)
      for (const one of kept) this.put(changes, groupId, producerId, one)
    }
  }

  #set(groupId: string, producerId: number, pending: PendingOffset): void {
    const producers = this.#groups.get(groupId) ?? new Map<number, Map<string, PendingOffset>>()
    const offsets = producers.get(producerId) ?? new Map<string, PendingOffset>()
    offsets.set(keyOf(pending.topic, pending.partition), pending)
    producers.set(producerId, offsets)
    this.#groups.set(groupId, producers)
  }
}

function keyOf(topic: string, partition: number): string {
  return `${partition}:${topic}`
}
