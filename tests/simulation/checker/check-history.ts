import type { HistoryEvent } from '../history/history-event.ts'
import { anomalies } from './anomalies.ts'
import type { Violation } from './anomaly.ts'
import { Facts } from './facts.ts'

/** Everything in a history that must not happen. An empty list says that none of the anomalies of the table is there. */
export function checkHistory(events: readonly HistoryEvent[]): Violation[] {
  const facts = new Facts(events)
  const violations: Violation[] = []
  for (const { kind, find } of anomalies)
    for (const { sentence, events: shown } of find(facts)) violations.push({ kind, sentence, events: shown })
  return violations
}
