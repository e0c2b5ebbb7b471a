import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import type { PartitionOf } from '../history/record-events.ts'

/** The name of a log for maps: the topic's id and the partition. */
export type Log = string

export interface TopicFact {
  readonly topic: string
  readonly topicId: string
  /** The event by which it was there. */
  readonly sinceSequence: number
  isDeleted: boolean
  /** Whether it was ever allowed to drop records that a later one of the same key replaces. */
  isCompacted: boolean
  /** Whether it was ever allowed to drop records by age or size. */
  hasRetention: boolean
  /** Whether its records have the time at which they were appended, at any time at which it could be said. */
  readonly isAppendTime: Set<boolean>
  /** How young records ever had to be to be safe from a later one of their key. */
  minCompactionLagMs: number
  /** How long tombstones ever had to stay at least. */
  deleteRetentionMs: number
  /** Nobody has said how it was made, so that anything may be allowed. */
  isKnown: boolean
}

/** Which topics there were, and which of them a name means. */
export class Topics {
  readonly #byId = new Map<string, TopicFact>()
  readonly #byName = new Map<string, TopicFact[]>()

  note(event: HistoryEvent): void {
    switch (event.type) {
      case 'topic-created':
      case 'topic-configured':
        this.#configure(event)
        break
      case 'topic-deleted':
        this.#topic(event.topic, event.topicId, event.sequence).isDeleted = true
        break
      case 'final-log':
      case 'watermarks':
        this.#topic(event.topic, event.topicId, event.sequence)
        break
      case 'synced':
        for (const { topic, topicId } of event.logs) this.#topic(topic, topicId, event.sequence)
        break
      default:
    }
  }

  #configure(event: EventOf<'topic-created' | 'topic-configured'>): void {
    const { topic, topicId, cleanup, hasRetention, sequence, isAppendTime } = event
    const { minCompactionLagMs = Infinity, deleteRetentionMs = Infinity } = event
    const fact = this.#topic(topic, topicId, sequence)
    if (isAppendTime !== undefined || event.type === 'topic-created') fact.isAppendTime.add(isAppendTime ?? false)
    fact.minCompactionLagMs = Math.min(fact.minCompactionLagMs, minCompactionLagMs)
    fact.deleteRetentionMs = Math.min(fact.deleteRetentionMs, deleteRetentionMs)
    fact.isKnown = true
    fact.isCompacted ||= cleanup !== 'delete'
    fact.hasRetention ||= hasRetention
  }

  #topic(topic: string, topicId: string, sinceSequence: number): TopicFact {
    let fact = this.#byId.get(topicId)
    if (fact) return fact
    const flags = { isDeleted: false, isCompacted: false, hasRetention: false, isKnown: false }
    const isAppendTime = new Set<boolean>()
    const waits = { minCompactionLagMs: Infinity, deleteRetentionMs: Infinity }
    fact = { topic, topicId, sinceSequence, ...flags, ...waits, isAppendTime }
    this.#byId.set(topicId, fact)
    const namesakes = this.#byName.get(topic)
    if (namesakes) namesakes.push(fact)
    else this.#byName.set(topic, [fact])
    return fact
  }

  /** The log that a place is in; undefined where the name alone does not tell. */
  logOf({ topic, topicId, partition }: PartitionOf): Log | undefined {
    if (topicId !== undefined) return `${topicId}/${partition}`
    const namesakes = this.#byName.get(topic)
    if (!namesakes) return `${topic}/${partition}`
    return namesakes.length === 1 ? `${(namesakes[0] as TopicFact).topicId}/${partition}` : undefined
  }

  /** Which topic had the name all the while, from one event to another; undefined when there were two of them. */
  duringAll(topic: string, fromSequence: number, toSequence: number): TopicFact | undefined {
    const namesakes = this.named(topic).filter(({ sinceSequence }) => sinceSequence <= toSequence)
    const last = namesakes.at(-1)
    return last && last.sinceSequence < fromSequence ? last : undefined
  }

  /** Every topic that had the name. */
  named(topic: string): readonly TopicFact[] {
    return this.#byName.get(topic) ?? []
  }

  topicOf(log: Log): TopicFact | undefined {
    return this.#byId.get(log.slice(0, log.lastIndexOf('/')))
  }

  /** For people: `orders/0`, with the id where several topics had the name. */
  nameOf(log: Log): string {
    const topic = this.topicOf(log)
    if (!topic) return log
    const partition = log.slice(log.lastIndexOf('/'))
    return this.named(topic.topic).length > 1 ? `${topic.topic}#${topic.topicId}${partition}` : topic.topic + partition
  }
}
