import type { HistoryEvent } from '../history/history-event.ts'
import type { RecordTraits } from '../history/record-events.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, SendFact } from './facts.ts'
import type { Log, TopicFact } from './topics.ts'

export const alteredRecord: Anomaly = {
  kind: 'altered-record',
  meaning: 'a record has other headers or another time than it was sent with, or a reader was shown it otherwise',
  *find(facts) {
    const told = new Set<string>()
    for (const { value, found } of [...inLogs(facts), ...toldProducers(facts), ...givenOut(facts)]) {
      if (told.has(value)) continue
      told.add(value)
      yield found
    }
  },
}

interface Altered {
  readonly value: string
  readonly found: Finding
}

/** What lies in the logs, against what was sent, or what it was copied from. */
function* inLogs(facts: Facts): Iterable<Altered> {
  const pipelines = facts.of('pipeline').filter(({ keepsTraits }) => keepsTraits)
  for (const event of facts.of('final-log')) {
    const log = `${event.topicId}/${event.partition}`
    for (const { value, offset, ...traits } of event.records) {
      const fact = facts.sends.get(value)
      const pipeline = pipelines.find(
        ({ output, pipeline: name }) => output === event.topic && value.startsWith(`${name}:`),
      )
      const source = pipeline ? value.slice(pipeline.pipeline.length + 1) : undefined
      const expected = source === undefined ? fact?.send : sourceOf(facts, source)
      if (!expected) continue
      const place = `"${value}" lies at ${facts.topics.nameOf(log)}@${offset}`
      const what =
        difference(traits, expected, timeOf(facts.topics.topicOf(log)) === 'create') ??
        (fact && outOfTime(facts, { log, offset, ...traits }, fact))
      if (what !== undefined) yield { value, found: finding(`${place} with ${what}`, fact?.send, fact?.sent, event) }
    }
  }
}

/**
 * Whether the records of a topic have the time at which they were created, or appended; undefined: some the one, some
 * the other.
 */
function timeOf(topic: TopicFact | undefined): 'create' | 'append' | undefined {
  if (topic?.isAppendTime.size !== 1) return undefined
  return topic.isAppendTime.has(true) ? 'append' : 'create'
}

/** What readers of the input were given: as it lies there, or as it was sent. */
function sourceOf(facts: Facts, value: string): RecordTraits | undefined {
  const places = facts.finals.placesOf(value)
  if (places.length > 0) return places.length === 1 ? places[0]?.record : undefined
  const { send, log } = facts.sends.get(value) ?? {}
  return send && log !== undefined && timeOf(facts.topics.topicOf(log)) === 'create' ? send : undefined
}

function difference(traits: RecordTraits, expected: RecordTraits, comparesTime: boolean): string | undefined {
  if (traits.headers !== undefined && expected.headers !== undefined && traits.headers !== expected.headers)
    return `the headers "${traits.headers}", not "${expected.headers}"`
  if (!comparesTime || traits.timestamp === undefined || expected.timestamp === undefined) return undefined
  return traits.timestamp === expected.timestamp ? undefined : `the time ${traits.timestamp}, not ${expected.timestamp}`
}

interface Lying extends RecordTraits {
  readonly log: Log
  readonly offset: number
}

/** The time of appending lies between sending and the answer, by the clock of the server. */
function outOfTime(facts: Facts, { log, offset, timestamp }: Lying, fact: SendFact): string | undefined {
  const { send, sent } = fact
  if (timestamp === undefined || send.serverMs === undefined || timeOf(facts.topics.topicOf(log)) !== 'append')
    return undefined
  // By a copy of its request that came later a plain one may be there, one that nobody knows the end of, and any in a
  // topic that was made anew.
  const isWhereSaid = fact.log === log && fact.offset === offset
  const isAnswered = isWhereSaid && send.producer !== 'plain' && sent?.serverMs !== undefined
  const end: HistoryEvent | undefined = isAnswered ? sent : facts.events.at(-1)
  const isSet = facts
    .of('clock-set')
    .some(
      ({ clock, sequence }) => clock === 'server' && sequence > send.sequence && sequence < (end?.sequence ?? Infinity),
    )
  if (isSet) return undefined
  const latest = isAnswered ? (sent.serverMs as number) : Infinity
  if (timestamp >= send.serverMs && timestamp <= latest) return undefined
  return `the time ${timestamp}, and was appended between ${send.serverMs} and ${latest}`
}

/** The time of appending that a producer was told, against that of the record. */
function* toldProducers(facts: Facts): Iterable<Altered> {
  for (const { send, sent, log, offset } of facts.sends.values()) {
    if (log === undefined || offset === undefined || timeOf(facts.topics.topicOf(log)) !== 'append') continue
    const record = facts.finals.recordAt(log, offset)
    if (record?.value !== send.value || sent?.timestamp === undefined || record.timestamp === undefined) continue
    if (record.timestamp === sent.timestamp) continue
    const place = `"${send.value}" lies at ${facts.topics.nameOf(log)}@${offset}`
    const sentence = `${place} with the time ${record.timestamp}, and its producer was told ${sent.timestamp}`
    yield { value: send.value, found: finding(sentence, send, sent, facts.finals.byLog.get(log)) }
  }
}

/** What readers were shown, against what lies there, or else what was sent. */
function* givenOut(facts: Facts): Iterable<Altered> {
  for (const { poll, record, log } of facts.reads) {
    const { value, offset } = record
    if (log === undefined) continue
    const { send, sent } = facts.sends.get(value) ?? {}
    const final = facts.finals.recordAt(log, offset)
    const expected = final?.value === value ? final : send
    if (!expected) continue
    const hasTime = expected !== send || timeOf(facts.topics.topicOf(log)) === 'create'
    const what =
      difference(record, expected, hasTime) ??
      (record.headers !== undefined && record.key !== expected.key ? `the key ${record.key}, not ${expected.key}` : '')
    if (what === '') continue
    const sentence = `"${value}" at ${facts.topics.nameOf(log)}@${offset} was given to ${poll.consumer} with ${what}`
    yield { value, found: finding(sentence, send, sent, poll, facts.finals.byLog.get(log)) }
  }
}
