import { printEvent } from '../history/print-event.ts'
import { anomalies } from './anomalies.ts'
import type { Violation } from './anomaly.ts'

/** A violation for people: what happened, what it means, and the events that show it. */
export function printViolation({ kind, sentence, events }: Violation): string {
  const meaning = anomalies.find((anomaly) => anomaly.kind === kind)?.meaning ?? ''
  return [`${kind}: ${sentence}`, `  (${meaning})`, ...events.map((event) => `    ${printEvent(event)}`)].join('\n')
}
