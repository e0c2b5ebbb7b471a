import type { HistoryEvent } from '../history/history-event.ts'
import type { Facts } from './facts.ts'

/** What shows that something went wrong. */
export interface Finding {
  /** One plain sentence. */
  readonly sentence: string
  /** The events that show it, in their order. */
  readonly events: readonly HistoryEvent[]
}

export interface Anomaly {
  readonly kind: string
  /** What it means for somebody whom it happens to. */
  readonly meaning: string
  find(facts: Facts): Iterable<Finding>
}

export interface Violation extends Finding {
  readonly kind: string
}

/** A finding with the events that are there, in the order in which they happened. */
export function finding(sentence: string, ...events: readonly (HistoryEvent | undefined)[]): Finding {
  const shown = new Set(events.filter((event) => event !== undefined))
  return { sentence, events: [...shown].sort((left, right) => left.sequence - right.sequence) }
}
