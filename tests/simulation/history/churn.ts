import type { HistoryEvent } from './history-event.ts'

/** How often members of groups came, went and stood still. */
export type Churn = Record<'joins' | 'leaves' | 'kills' | 'stalls', number>

/**
 * Of members of groups alone, each end once: what is killed after it was closed has left, and producers and the other
 * parts of a client are no members.
 */
export function churnIn(events: readonly HistoryEvent[]): Churn {
  const churn: Churn = { joins: 0, leaves: 0, kills: 0, stalls: 0 }
  const members = new Set<string>()
  for (const event of events) {
    if (event.type === 'reading' && event.group !== undefined) {
      members.add(event.process)
      churn.joins++
    } else if (!members.has(event.process)) continue
    else if (event.type === 'stalled') churn.stalls++
    else if (event.type === 'closed' && event.what === 'consumer' && members.delete(event.process)) churn.leaves++
    else if (event.type === 'killed' && members.delete(event.process)) churn.kills++
  }
  return churn
}
