/** Something that whoever runs the server should know. Never holds an API key or the content of a record. */
export interface LogEntry {
  readonly level: 'warn' | 'error'
  readonly message: string
  /** The request it happened in; clients see the same id in their error. */
  readonly requestId?: string
  readonly error?: unknown
}

/** Where the server writes what goes wrong inside it. */
export type Log = (entry: LogEntry) => void

/** Keeps nothing: what a handler does unless it is given a log. */
export const silentLog: Log = () => undefined
