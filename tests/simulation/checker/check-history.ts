import type { HistoryEvent } from '../history/history-event.ts'
import { anomalies } from './anomalies.ts'
import type { Violation } from './anomaly.ts'
import { Facts } from './facts.ts'

/**
 * Everything in a history that must not happen. An empty list says that none of the anomalies of the table is there.
 */
export function checkHistory(events: readonly HistoryEvent[]): Violation[] {
  const facts = new Facts(events)
  const violations: Violation[] = []
  for (const anomaly of anomalies)
    for (const found of anomaly.find(facts)) violations.push({ kind: anomaly.kind, ...found })
  return violations
}
