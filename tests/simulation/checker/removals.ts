import type { Facts } from './facts.ts'
import type { Log } from './topics.ts'

/** What logs may drop: by deletion of the topic, retention, deleteRecords, compaction. */
export class Removals {
  readonly #facts: Facts
  /** How far the start of each log was asked to move, or was seen to move where retention is allowed. */
  readonly #starts = new Map<Log, number>()
  /** Where each log was seen or asked to begin, event by event. */
  readonly #moves = new Map<Log, { readonly sequence: number; readonly start: number }[]>()
  /** The last tombstone of each key that compaction has removed for its age. */
  readonly #tombstones = new Map<string, number>()
  /** Who begins elsewhere than at the start where a position is gone. */
  readonly #elsewhere: ReadonlySet<string>

  constructor(facts: Facts) {
    this.#facts = facts
    const elsewhere = facts.of('reading').filter(({ from }) => from !== 'earliest')
    this.#elsewhere = new Set(elsewhere.map(({ consumer }) => consumer))
    for (const { topicId, partition, key, offset } of facts.of('tombstone-removed'))
      this.#tombstones.set(`${topicId}/${partition} ${key}`, offset)
    for (const type of ['records-removed', 'watermarks'] as const)
      for (const { topicId, partition, logStartOffset = 0, sequence } of facts.of(type))
        if (logStartOffset !== 0) this.#note(`${topicId}/${partition}`, sequence, logStartOffset)
    for (const { topicId, partition, why, logStartOffset } of facts.of('records-removed'))
      if (why === 'delete-records' || this.#mayRetain(topicId))
        this.#move(`${topicId}/${partition}`, logStartOffset < 0 ? Infinity : logStartOffset)
    for (const type of ['watermarks', 'final-log'] as const)
      for (const { topicId, partition, logStartOffset = 0 } of facts.of(type))
        if (this.#mayRetain(topicId)) this.#move(`${topicId}/${partition}`, logStartOffset)
  }

  #mayRetain(topicId: string): boolean {
    const topic = this.#facts.topics.topicOf(`${topicId}/0`)
    return topic === undefined || !topic.isKnown || topic.hasRetention
  }

  #move(log: Log, start: number): void {
    if (start > (this.#starts.get(log) ?? 0)) this.#starts.set(log, start)
  }

  #note(log: Log, sequence: number, logStartOffset: number): void {
    const moves = this.#moves.get(log)
    const move = { sequence, start: logStartOffset < 0 ? Infinity : logStartOffset }
    if (moves) moves.push(move)
    else this.#moves.set(log, [move])
  }

  /**
   * Whether a consumer that came after an offset may have found its position gone and gone on at the end, or wherever
   * it is told to.
   */
  mayHaveJumped(consumer: string, log: Log, offset: number, beforeSequence: number): boolean {
    if (!this.#elsewhere.has(consumer)) return false
    const moves = this.#moves.get(log) ?? []
    return moves.some(({ sequence, start }) => sequence < beforeSequence && start > offset + 1)
  }

  /** Whether the record at that place may be gone in the end. */
  mayBeGone(log: Log, offset: number, key: string | undefined): boolean {
    const final = this.#facts.finals.byLog.get(log)
    const isDeleted = this.#facts.topics.topicOf(log)?.isDeleted
    if (!final || isDeleted || offset < (this.#starts.get(log) ?? 0)) return true
    return this.isCompacted(log, offset, key)
  }

  /** Whether a later record of its key may have taken the place of one that the log still reaches back to. */
  isCompacted(log: Log, offset: number, key: string | undefined): boolean {
    if (!this.#facts.topics.topicOf(log)?.isCompacted || offset < (this.#starts.get(log) ?? 0)) return false
    if (key === undefined || this.#facts.finals.lastOffsetOf(log, key) > offset) return true
    // The tombstone that has taken its place, or that it is, may be gone as well.
    return (this.#tombstones.get(`${log} ${key}`) ?? -1) >= offset
  }
}
