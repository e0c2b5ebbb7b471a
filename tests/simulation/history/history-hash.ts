import { createHash } from 'node:crypto'
import type { HistoryEvent } from './history-event.ts'
import { printEvent } from './print-event.ts'

/** The same for two histories exactly when their lines are the same, in the same order. */
export function historyHash(events: readonly HistoryEvent[]): string {
  const hash = createHash('sha256')
  for (const event of events) hash.update(`${printEvent(event)}\n`)
  return hash.digest('hex')
}
