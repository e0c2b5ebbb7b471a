import type { Call } from '../call/call.ts'
import type { Reply } from '../exchange/exchange.ts'

/** The server's action for one method on one path. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Answers without an API key. */
  readonly isPublic?: boolean
  /** Refused last: heartbeats and health checks. */
  readonly isShedLast?: boolean
  /** Nothing is lost when its answer does not fit, as the client can ask again. */
  readonly isRepeatable?: boolean
  handle(call: Call): Reply | Promise<Reply>
}
