import type { EventOf } from './history-event.ts'
import type { FinalRecord } from './log-events.ts'
import { isPoison } from './poison.ts'

type Pipeline = Pick<EventOf<'pipeline'>, 'transform' | 'deadTopic'>

/** How long the windows are that records are counted in. */
export const windowMs = 1000

/** Of what the outputs of a record are told by: its key, or its key and the start of its window. */
export function countedOf(
  { transform }: Pipeline,
  { key, timestamp = 0 }: Pick<FinalRecord, 'key' | 'timestamp'>,
): string | undefined {
  return key !== undefined && transform === 'windows' ? `${key}@${Math.floor(timestamp / windowMs) * windowMs}` : key
}

/** Whether a pipeline cannot process a record, and puts it aside. */
export function isSetAsideBy({ deadTopic }: Pipeline, { value }: Pick<FinalRecord, 'value'>): boolean {
  return deadTopic !== undefined && isPoison(value)
}

export function isCommitted({ transaction }: Pick<FinalRecord, 'transaction'>): boolean {
  return transaction === 'none' || transaction === 'committed'
}
