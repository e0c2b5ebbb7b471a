import type { EventOf } from '../history/history-event.ts'
import type { FinalRecord } from '../history/log-events.ts'
import { isCommitted } from '../history/pipelines.ts'
import { isPoison } from '../history/poison.ts'
import type { OffsetOf } from '../history/record-events.ts'
import { type Anomaly, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'

/** A dead letter, and where it says that its record lay. */
interface Letter {
  readonly topic: string
  readonly record: FinalRecord
  readonly origin: string | undefined
  /** The headers that its record had. */
  readonly headers: string
}

export const lostDeadLetter: Anomaly = {
  kind: 'lost-dead-letter',
  meaning: 'a record counts as processed as it was copied to a dead-letter topic, and it is not there',
  *find(facts) {
    const there = new Set(lettersOf(facts).map(({ topic, origin }) => `${topic} ${origin}`))
    for (const event of facts.of('set-aside')) {
      if (event.deadTopic === undefined || there.has(`${event.deadTopic} ${placeOf(event)}`)) continue
      yield finding(`${event.consumer} has set ${placeOf(event)} aside, and it is not in ${event.deadTopic}`, event)
    }
  },
}

export const asideBeforeLetter: Anomaly = {
  kind: 'aside-before-letter',
  meaning: 'a record counts as processed as it was copied to a dead-letter topic, before that topic had the copy',
  *find(facts) {
    const written = new Set<string>()
    for (const event of facts.events) {
      if (event.type === 'letters-written')
        for (const headers of event.letters) written.add(`${event.process} ${event.topic} ${partsOf(headers)?.origin}`)
      if (event.type !== 'set-aside' || event.deadTopic === undefined) continue
      if (written.has(`${event.process} ${event.deadTopic} ${placeOf(event)}`)) continue
      yield finding(`${event.consumer} has set ${placeOf(event)} aside, and ${event.deadTopic} has not said so`, event)
    }
  },
}

export const wrongDeadLetter: Anomaly = {
  kind: 'wrong-dead-letter',
  meaning: 'a dead letter is of a record that nobody has failed with, or has another value, key or headers',
  *find(facts) {
    const failed = new Set(facts.of('setting-aside').map(placeOf))
    for (const { topic, record, origin, headers } of lettersOf(facts)) {
      const where = `"${record.value}" in ${topic}@${record.offset}`
      const source = origin === undefined ? undefined : sourceAt(facts, origin)
      const { send, sent } = facts.sends.get(record.value) ?? {}
      const tell = (what: string) => finding(`${where} ${what}`, send, sent, ...facts.of('dead-letters'))
      if (origin === undefined || !source) yield tell(`says to be of ${origin}, where no record lies`)
      else if (source.value !== record.value) yield tell(`is of "${source.value}" at ${origin}`)
      else if (source.key !== record.key) yield tell(`has the key ${record.key}, and its record ${source.key}`)
      else if (source.headers !== headers)
        yield tell(`has the headers "${headers}", and its record "${source.headers}"`)
      else if (!isPoison(record.value) && !failed.has(origin)) yield tell('is of a record that nobody has failed with')
    }
  },
}

function lettersOf(facts: Facts): Letter[] {
  return facts
    .of('dead-letters')
    .flatMap(({ topic, records }) => records.filter(isCommitted).map((record) => letterOf(topic, record)))
}

function letterOf(topic: string, record: FinalRecord): Letter {
  return { topic, record, headers: '', origin: undefined, ...partsOf(record.headers) }
}

/** What was added stands behind what was there. Undefined where nothing was added. */
function partsOf(all = ''): Pick<Letter, 'headers' | 'origin'> | undefined {
  const [, headers = '', name, partition, offset] =
    /^(.*?),?original-topic=([^,]*),original-partition=(\d+),original-offset=(\d+),/.exec(all) ?? []
  return name === undefined ? undefined : { headers, origin: `${name}/${partition}@${offset}` }
}

function placeOf({ topic, partition, offset }: OffsetOf): string {
  return `${topic}/${partition}@${offset}`
}

function sourceAt(facts: Facts, origin: string): FinalRecord | undefined {
  const [, topic = '', partition, offset] = /^(.*)\/(\d+)@(\d+)$/.exec(origin) ?? []
  const log: EventOf<'final-log'> | undefined = facts
    .of('final-log')
    .find((one) => one.topic === topic && one.partition === Number(partition))
  return log?.records.find((one) => one.offset === Number(offset))
}
