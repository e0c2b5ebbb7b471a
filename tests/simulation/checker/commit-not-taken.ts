import type { EventOf } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'

export const commitNotTaken: Anomaly = {
  kind: 'commit-not-taken',
  meaning: 'a caller was told that its offset is committed, and the group has never taken it, nor one behind it',
  *find(facts) {
    const called = new Map(facts.of('commit-called').map((event) => [event.call, event]))
    const taken = new Map<string, number>()
    for (const event of facts.events) {
      if (event.type === 'commit-taken')
        for (const { topic, partition, offset } of event.offsets) {
          const key = `${event.group} ${topic}/${partition}`
          taken.set(key, Math.max(offset, taken.get(key) ?? -1))
        }
      if (event.type !== 'commit-returned' || event.outcome !== 'ok') continue
      const call = called.get(event.call)
      if (!call || call.mayStopBefore || (taken.get(keyOf(call)) ?? -1) >= call.place.offset) continue
      const { topic, partition, offset } = call.place
      yield finding(`${call.consumer} was told that ${topic}/${partition} is committed at ${offset}`, call, event)
    }
  },
}

function keyOf({ group, place: { topic, partition } }: EventOf<'commit-called'>): string {
  return `${group} ${topic}/${partition}`
}
