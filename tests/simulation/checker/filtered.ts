import type { EventOf } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'

export const wrongFilter: Anomaly = {
  kind: 'wrong-filter',
  meaning: 'a loop over a filter is given what its predicate leaves out, or is not given what it keeps',
  *find({ events }) {
    const shown = new Map<string, EventOf<'poll'>>()
    for (const event of events) {
      if (event.type === 'kept') {
        const poll = shown.get(event.consumer)
        shown.delete(event.consumer)
        const [record] = poll?.records ?? []
        const isIt = record?.topic === event.topic && record.partition === event.partition
        if (poll?.isKept && isIt && record.offset === event.offset) continue
        const place = `${event.topic}/${event.partition}@${event.offset}`
        yield finding(`${event.consumer} was given ${place}, which its filter did not keep`, poll, event)
      } else if (event.type === 'poll' && event.how === 'filter') {
        const poll = shown.get(event.consumer)
        shown.set(event.consumer, event)
        // What a loop is left with is read again in the next one.
        if (!poll?.isKept || poll.session !== event.session) continue
        yield finding(
          `${event.consumer} was not given "${poll.records[0]?.value}", which its filter keeps`,
          poll,
          event,
        )
      }
    }
  },
}
