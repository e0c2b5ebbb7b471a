import { EndReaders } from '../history/end-readers.ts'
import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import { countedOf, isCommitted, isSetAsideBy } from '../history/pipelines.ts'
import type { History } from '../history/history.ts'
import type { OffsetOf, PolledRecord } from '../history/record-events.ts'
import type { FinalLog, FinalRecord } from '../history/log-events.ts'

/** Goes along with a history, and knows who has to see everything and what was seen. */
export class Readers {
  readonly #history: History
  #position = 0
  /** What each group, or reader without one, has been given out. */
  readonly #seen = new Map<string, Set<string>>()
  /** Those that have to see everything, and what they read. */
  readonly #toSee = new Map<string, EventOf<'reading'>>()
  readonly #pipelines = new Map<string, EventOf<'pipeline'>>()
  /** Those that begin at the end, and when each value was sent. */
  readonly #atTheEnd = new EndReaders()
  readonly #sends = new Map<string, number>()
  /** How many records there were when it was looked last. */
  #count = -1

  constructor(history: History) {
    this.#history = history
  }

  /**
   * Whether everything in these logs was given out to those who read them, as far as it is for them, and went through
   * the pipelines.
   */
  haveSeen(logs: readonly FinalLog[], deadLetters: readonly FinalLog[]): boolean {
    const { events } = this.#history
    for (; this.#position < events.length; this.#position++) this.#follow(events[this.#position] as HistoryEvent)
    const committed = new Map<string, FinalRecord[]>()
    for (const { topic, records } of [...logs, ...deadLetters]) {
      const known = committed.get(topic) ?? []
      committed.set(topic, known.concat(records.filter(isCommitted)))
    }
    const count = logs.reduce((sum, { highWatermark }) => sum + highWatermark, 0)
    const isStill = count === this.#count
    this.#count = count
    if (!isStill) return false
    for (const pipeline of this.#pipelines.values()) if (!isThrough(pipeline, committed)) return false
    for (const [reader, { topics, isolation }] of this.#toSee) {
      const isForReader = (record: FinalRecord): boolean => isolation === 'read_uncommitted' || isCommitted(record)
      const seen = this.#seen.get(reader)
      for (const { topic, partition, records } of logs)
        if (
          topics.includes(topic) &&
          records.some((one) => isForReader(one) && !isSeen(seen, { topic, partition, ...one }))
        )
          return false
    }
    return this.#haveSeenOwed(logs)
  }

  /** Whether those who began at the end have seen what came since. */
  #haveSeenOwed(logs: readonly FinalLog[]): boolean {
    return this.#atTheEnd.owed.every((owed) => {
      const { records = [] } = logs.find((log) => log.topic === owed.topic && log.partition === owed.partition) ?? {}
      const seen = this.#seen.get(owed.reader)
      const isOwed = (record: FinalRecord): boolean =>
        (this.#sends.get(record.value) ?? -1) > owed.assigned.sequence &&
        (owed.isolation === 'read_uncommitted' || isCommitted(record))
      return records.every((record) => !isOwed(record) || isSeen(seen, { ...owed, ...record }))
    })
  }

  #follow(event: HistoryEvent): void {
    this.#atTheEnd.follow(event)
    if (event.type === 'send') this.#sends.set(event.value, event.sequence)
    if (event.type === 'reading' && event.isToSeeAll) this.#toSee.set(event.group ?? event.consumer, event)
    if (event.type === 'pipeline') this.#pipelines.set(event.pipeline, event)
    // What a killed reader on its own has to see, the one that takes its place has to.
    if (event.type === 'killed') this.#toSee.delete(event.process)
    if (event.type === 'closed' && event.what === 'consumer') this.#toSee.delete(event.process)
    // A copy of a request may write the same value at the same offset of the topic that has taken the place of another.
    if (event.type === 'topic-deleted') this.#forget(event.topic)
    if (event.type !== 'poll' && event.type !== 'set-aside') return
    const reader = event.group ?? event.consumer
    const seen = this.#seen.get(reader) ?? new Set()
    this.#seen.set(reader, seen)
    if (event.type === 'set-aside') seen.add(asideAt(event))
    else for (const record of event.records) seen.add(placeOf(record))
  }

  #forget(topic: string): void {
    for (const seen of this.#seen.values())
      for (const place of seen) if (place.startsWith(`${topic}/`)) seen.delete(place)
  }
}

/** A plain producer may have written a value twice, and both are to be seen. */
function placeOf({
  topic,
  partition,
  offset,
  value,
}: Pick<PolledRecord, 'topic' | 'partition' | 'offset' | 'value'>): string {
  return `${topic}/${partition}@${offset}=${value}`
}

/** What is set aside is told by its place alone. */
function asideAt({ topic, partition, offset }: OffsetOf): string {
  return `${topic}/${partition}@${offset} aside`
}

function isSeen(seen: ReadonlySet<string> | undefined, record: PolledRecord): boolean {
  return seen !== undefined && (seen.has(placeOf(record)) || seen.has(asideAt(record)))
}

/** Whether every input has its output. */
function isThrough(pipeline: EventOf<'pipeline'>, committed: ReadonlyMap<string, readonly FinalRecord[]>): boolean {
  const { pipeline: name, input, output, transform, deadTopic = '' } = pipeline
  const outputs = new Set(committed.get(output)?.map(({ value }) => value))
  const letters = new Set(committed.get(deadTopic)?.map(({ value }) => value))
  const all = committed.get(input) ?? []
  const inputs = all.filter((record) => !isSetAsideBy(pipeline, record))
  if (!all.every((record) => !isSetAsideBy(pipeline, record) || letters.has(record.value))) return false
  if (transform === 'copy') return inputs.every(({ value }) => outputs.has(`${name}:${value}`))
  if (transform === 'join') {
    const joined = new Set([...outputs].map((value) => value.slice(0, value.lastIndexOf(':'))))
    return inputs.every(({ value }) => joined.has(`${name}:${value}`))
  }
  const counts = Map.groupBy(inputs, (record) => countedOf(pipeline, record))
  return [...counts].every(([key, { length }]) => outputs.has(`${name}:${key}:${length}`))
}
