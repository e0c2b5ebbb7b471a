import type { HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'
import type { Facts, SendFact } from './facts.ts'
import type { Log } from './topics.ts'

export const duplicate: Anomaly = {
  kind: 'duplicate',
  meaning: 'a record that was sent once is in a topic twice, and its producer promised that it would not be',
  *find(facts) {
    for (const [value, places] of placesByValue(facts)) {
      const send = facts.sends.get(value)
      if (places.size < 2 || !send || isAllowed(facts, send)) continue
      const names = [...places.keys()].join(' and ')
      yield finding(
        `"${value}" of a ${send.send.producer} producer lies at ${names}`,
        send.send,
        send.sent,
        ...places.values(),
      )
    }
  },
}

/** Without idempotence a request that may have been carried out may be sent again. */
function isAllowed(facts: Facts, { send, sent }: SendFact): boolean {
  if (send.producer !== 'plain' || sent?.isSingleAttempt === true) return false
  return !sent || facts.isTroubled(send, sent)
}

/** Where each value was seen. A topic that was made anew is another one, whose records are none of the former's. */
function placesByValue(facts: Facts): Iterable<[value: string, places: Map<string, HistoryEvent>]> {
  const topics = new Map<string, Map<string, Map<string, HistoryEvent>>>()
  const see = (value: string, log: Log, offset: number, event: HistoryEvent): void => {
    const topicId = log.slice(0, log.lastIndexOf('/'))
    let values = topics.get(topicId)
    if (!values) topics.set(topicId, (values = new Map()))
    let places = values.get(value)
    if (!places) values.set(value, (places = new Map()))
    const place = `${facts.topics.nameOf(log)}@${offset}`
    if (!places.has(place)) places.set(place, event)
  }
  for (const [log, event] of facts.finals.byLog)
    for (const { value, offset } of event.records) see(value, log, offset, event)
  for (const { record, log, poll } of facts.reads) if (log !== undefined) see(record.value, log, record.offset, poll)
  return [...topics.values()].flatMap((values) => [...values])
}
