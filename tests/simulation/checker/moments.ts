import type { EventOf } from '../history/history-event.ts'

/** When the engine decided something, whose answer may have come much later. */
export interface Moment {
  /** How many events there were. */
  readonly since: number
  /** Which of all requests it was: many may come while nothing else happens. */
  readonly arrival: number
}

/** When a request of an answer came, or when a request was sent. */
export function momentOf(event: EventOf<'heartbeat' | 'heartbeat-sent' | 'commit-taken'>): Moment {
  // Whatever came when there were so many events came before this one.
  if (event.type === 'heartbeat-sent') return { since: event.sequence, arrival: Number.POSITIVE_INFINITY }
  return { since: event.since ?? event.sequence, arrival: event.arrival ?? 0 }
}

export function isAfter(one: Moment, other: Moment): boolean {
  return one.since === other.since ? one.arrival > other.arrival : one.since > other.since
}
