import { type Anomaly, finding } from './anomaly.ts'
import type { Facts, SendFact } from './facts.ts'
import type { Log } from './topics.ts'

export const nonMonotonicSend: Anomaly = {
  kind: 'non-monotonic-send',
  meaning: 'what one producer sent to a partition lies there in another order',
  *find(facts) {
    const last = new Map<string, { readonly fact: SendFact; readonly offset: number }>()
    for (const fact of [...facts.sends.values()].sort((left, right) => left.send.order - right.send.order)) {
      const place = isOrdered(facts, fact) ? placeOf(facts, fact) : undefined
      if (!place) continue
      const queue = `${fact.send.process} ${fact.send.transactionalId ?? ''} ${place.log}`
      const previous = last.get(queue)
      last.set(queue, { fact, offset: place.offset })
      // Two at one offset are told by their own kind.
      if (!previous || previous.offset <= place.offset) continue
      const sentence =
        `${fact.send.process} sent "${previous.fact.send.value}" before "${fact.send.value}", and in` +
        ` ${facts.topics.nameOf(place.log)} they lie at ${previous.offset} and ${place.offset}`
      yield finding(sentence, previous.fact.send, previous.fact.sent, fact.send, fact.sent)
    }
  },
}

/** A plain producer has several requests under way, and one that is sent again comes behind the others. */
function isOrdered(facts: Facts, { send, sent }: SendFact): boolean {
  if (send.producer !== 'plain') return true
  return sent?.outcome === 'ok' && !facts.isTroubled(send, sent)
}

/** Where it lies in the end, or else where it was said to lie. */
function placeOf({ finals, topics }: Facts, { send, log, offset }: SendFact): { log: Log; offset: number } | undefined {
  const [place, another] = finals.placesOf(send.value)
  if (another) return undefined
  // A request that is repeated may get to a topic that was made anew, behind what follows it.
  if (place && place.log !== log && topics.named(send.topic).length > 1) return undefined
  if (place) return { log: place.log, offset: place.record.offset }
  return log === undefined || offset === undefined ? undefined : { log, offset }
}
