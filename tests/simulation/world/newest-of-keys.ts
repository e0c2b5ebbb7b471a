import { readRecordBatchHeader, readRecords, unpackRecordBatch } from '@kafkado/core/internal'
import type { History } from '../history/history.ts'

interface Place {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
}

/** The newest record of a key that became durable. */
interface Newest {
  readonly offset: number
  /** The last offset of its batch, by which the batch is replaced. */
  readonly batch: number
  readonly isTombstone: boolean
  readonly since: number
  readonly keptMs: number
}

const decoder = new TextDecoder()

/**
 * Follows the newest record of each key in logs that are compacted, and tells of tombstones that go though nothing of
 * their key came after them.
 */
export class NewestOfKeys {
  readonly #history: History
  readonly #serverMs: () => number
  readonly #places = new Map<number, Place>()
  readonly #newest = new Map<number, Map<string, Newest>>()
  readonly #starts = new Map<number, number>()

  /** @param serverMs the time of the server's clock */
  constructor(history: History, serverMs: () => number) {
    this.#history = history
    this.#serverMs = serverMs
  }

  follow(logId: number, place: Place): void {
    this.#places.set(logId, place)
    if (!this.#newest.has(logId)) this.#newest.set(logId, new Map())
  }

  /** What lies before the start of a log goes without being asked for how long it was there. */
  begins(logId: number, logStartOffset: number): void {
    this.#starts.set(logId, logStartOffset)
    const newest = this.#newest.get(logId) ?? new Map<string, Newest>()
    for (const [key, { offset }] of newest) if (offset < logStartOffset) newest.delete(key)
  }

  /** @param bytes null when nothing is left of the batch */
  onBatch(logId: number, lastOffset: number, bytes: Uint8Array | null): void {
    const newest = this.#newest.get(logId)
    if (!newest) return
    const left = new Set<number>()
    // The cleaner may write records again that lie before the start of the log.
    if (bytes) this.#take(newest, lastOffset, bytes, { left, logStartOffset: this.#starts.get(logId) ?? 0 })
    for (const [key, { batch, offset, isTombstone, since, keptMs }] of newest) {
      if (batch !== lastOffset || left.has(offset)) continue
      newest.delete(key)
      const place = this.#places.get(logId)
      if (!isTombstone || !place) continue
      const when = { since, keptMs, serverMs: this.#serverMs() }
      this.#history.add('storage', { type: 'tombstone-removed', ...place, offset, key, ...when })
    }
  }

  #take(
    newest: Map<string, Newest>,
    batch: number,
    bytes: Uint8Array,
    { left, logStartOffset }: { readonly left: Set<number>; readonly logStartOffset: number },
  ): void {
    const header = readRecordBatchHeader(bytes)
    // Whether a transaction was aborted a batch does not say; none of them has keys.
    if (header.isControl || header.isTransactional) return
    const unpacked = unpackRecordBatch(bytes, header)
    if (unpacked instanceof Promise) throw new Error('a compressed batch in a log whose keys are followed')
    const [since, keptMs] = [this.#history.events.length, this.#serverMs()]
    readRecords(unpacked, (content, offset, _time, keyStart, keyEnd, valueStart) => {
      left.add(offset)
      if (keyStart < 0 || offset < logStartOffset) return
      const key = decoder.decode(content.subarray(keyStart, keyEnd))
      if ((newest.get(key)?.offset ?? -1) < offset)
        newest.set(key, { offset, batch, isTombstone: valueStart < 0, since, keptMs })
    })
  }
}
