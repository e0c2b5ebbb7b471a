import type { GroupEvent } from './group-events.ts'
import type { LogEvent } from './log-events.ts'
import type { RecordEvent } from './record-events.ts'
import type { TransactionEvent } from './transaction-events.ts'
import type { WorldEvent } from './world-events.ts'

/** What happened. An invocation and its end are two events. */
export type EventContent = RecordEvent | GroupEvent | TransactionEvent | LogEvent | WorldEvent

interface Stamp {
  /** Its place in the history, from 0. */
  readonly sequence: number
  /** Milliseconds of virtual time since the history began, by the clock that nobody sets. */
  readonly atMs: number
  /** Who did it or saw it: a client, a server, `world`. */
  readonly process: string
}

export type HistoryEvent = Stamp & EventContent

export type EventOf<Type extends EventContent['type']> = Stamp & Extract<EventContent, { readonly type: Type }>
