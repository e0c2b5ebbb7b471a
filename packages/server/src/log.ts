/** An event for the operator of the server. Never holds an API key or the content of a record. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  /** The id of the request; clients see the same id in their error. */
  readonly requestId?: string
  readonly error?: unknown
}

/** Receives the faults inside a server, and what becomes of it. */
export interface Log {
  (entry: LogEntry): void
  /** Whether it wants an entry for every request, too. Default false. */
  readonly isDebugging?: boolean
}

/** Discards everything: the default of a handler. */
export const silentLog: Log = () => undefined
