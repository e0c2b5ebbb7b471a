import type { Facts } from './facts.ts'
import type { Log } from './topics.ts'

/** What logs may drop: by deletion of the topic, retention, deleteRecords, compaction. */
export class Removals {
  readonly #facts: Facts
  /** How far the start of each log was asked to move, or was seen to move where retention is allowed. */
  readonly #starts = new Map<Log, number>()

  constructor(facts: Facts) {
    this.#facts = facts
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

  /** Whether the record at that place may be gone in the end. */
  mayBeGone(log: Log, offset: number, key: string | undefined): boolean {
    const final = this.#facts.finals.byLog.get(log)
    const topic = this.#facts.topics.topicOf(log)
    if (!final || topic?.isDeleted || offset < (this.#starts.get(log) ?? 0)) return true
    if (!topic?.isCompacted) return false
    return key === undefined || this.#facts.finals.lastOffsetOf(log, key) > offset
  }
}
