import type { Call } from '../call/call.ts'
import type { Reply } from '../exchange/exchange.ts'

/** What the server does for one method on one path. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Answered without an API key. */
  readonly isPublic?: boolean
  /** Refused only when nothing else is let in any more: heartbeats, and what says whether the server lives. */
  readonly isShedLast?: boolean
  handle(call: Call): Reply | Promise<Reply>
}
