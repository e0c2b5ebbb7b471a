import { memberEpoch } from '@kafkado/core/protocol'
import type { HistoryEvent } from '../history/history-event.ts'
import type { PartitionOf } from '../history/record-events.ts'
import { type Anomaly, finding } from './anomaly.ts'
import { partitionKey } from './group-book.ts'

/** What a consumer knows of its partitions. */
interface Standing {
  readonly owned: Map<string, HistoryEvent>
  readonly revoked: Set<string>
  /** What it had when it left, or has told the group that it gave up: nobody's commit may still cover it. */
  readonly former: Set<string>
  /** What it had when it left as a static member, which the group keeps for it until its session is over. */
  readonly kept: Set<string>
}

export const commitOfOthers: Anomaly = {
  kind: 'commit-of-others',
  meaning: 'a client commits a partition that it does not own, or, as nobody, one that it did not have when it left',
  *find({ events }) {
    const standings = new Map<string, Standing>()
    const consumers = new Map<string, string>()
    for (const event of events) {
      if (event.type === 'heartbeat-sent') consumers.set(event.memberId, event.consumer)
      // A member owns from the answer on that gives it a partition, which is a moment before its caller is told.
      if (event.type === 'heartbeat' && event.assignment)
        own(standings, consumers.get(event.memberId), event, event.assignment)
      else note(standings, event)
      if (event.type !== 'commit' || event.consumer === undefined) continue
      const standing = standings.get(event.consumer)
      if (!standing) continue
      for (const place of event.offsets) {
        const key = partitionKey({ topic: place.topic, partition: place.partition })
        if (standing.owned.has(key) || formerOf(standing, event).has(key)) continue
        const who = event.memberId === '' ? 'as nobody' : `as ${event.memberId}`
        const sentence =
          `${event.consumer} commits ${place.topic}/${place.partition} at ${place.offset} ${who}, and` +
          ` does not own it`
        yield finding(sentence, lastOf(events, event, key), event)
      }
    }
  },
}

function own(
  standings: Map<string, Standing>,
  consumer: string | undefined,
  event: HistoryEvent,
  partitions: readonly PartitionOf[],
): void {
  if (consumer === undefined) return
  let standing = standings.get(consumer)
  if (!standing)
    standings.set(consumer, (standing = { owned: new Map(), revoked: new Set(), former: new Set(), kept: new Set() }))
  for (const { topic, partition } of partitions) {
    const key = partitionKey({ topic, partition })
    standing.owned.set(key, event)
    standing.revoked.delete(key)
    standing.former.delete(key)
    standing.kept.delete(key)
  }
}

/** What the commit of one who has left may cover. */
function formerOf(
  { former, kept }: Standing,
  { memberId, memberEpoch: epoch }: HistoryEvent & { type: 'commit' },
): ReadonlySet<string> {
  if (memberId === '') return former
  return epoch === memberEpoch.leaveStatic ? kept : new Set()
}

/** By name: a client that has not learned yet that a topic was made anew owns the name. */
function note(standings: Map<string, Standing>, event: HistoryEvent): void {
  if (event.type === 'assigned') own(standings, event.consumer, event, event.partitions)
  else if (event.type === 'revoked' || event.type === 'lost') {
    const standing = standings.get(event.consumer)
    for (const { topic, partition } of event.partitions) {
      const key = partitionKey({ topic, partition })
      if (event.type === 'revoked') standing?.revoked.add(key)
      else {
        standing?.owned.delete(key)
        standing?.former.delete(key)
        standing?.kept.delete(key)
      }
    }
  } else if (event.type === 'heartbeat-sent') tell(standings.get(event.consumer), event)
}

/** With a heartbeat that leaves a partition out, the group may give it to others. */
function tell(standing: Standing | undefined, event: HistoryEvent & { type: 'heartbeat-sent' }): void {
  if (!standing) return
  const told = new Set(event.owned?.map(({ topic, partition }) => partitionKey({ topic, partition })))
  const gone = event.memberEpoch < 0 ? [...standing.owned.keys()] : event.owned ? [...standing.revoked] : []
  for (const key of gone) {
    if (event.memberEpoch >= 0 && told.has(key)) continue
    if (standing.owned.delete(key)) {
      standing.former.add(key)
      if (event.memberEpoch === memberEpoch.leaveStatic) standing.kept.add(key)
    }
    standing.revoked.delete(key)
  }
}

/** The last event in which the consumer was told something of the partition. */
function lastOf(
  events: readonly HistoryEvent[],
  { sequence, consumer }: HistoryEvent & { type: 'commit' },
  key: string,
): HistoryEvent | undefined {
  for (let index = sequence - 1; index >= 0; index--) {
    const event = events[index] as HistoryEvent
    const isOfIt = event.type === 'revoked' || event.type === 'lost' || event.type === 'assigned'
    if (!isOfIt || event.consumer !== consumer) continue
    if (event.partitions.some(({ topic, partition }) => partitionKey({ topic, partition }) === key)) return event
  }
  return undefined
}
