/** A server or a storage dies: what was not synced may be gone. */
export interface Crash {
  readonly type: 'crash'
  readonly what: 'server' | 'storage'
}

/** It is there again. */
export interface Restart {
  readonly type: 'restart'
  readonly what: 'server' | 'storage'
}

/** Something was made to go wrong: a request lost, doubled, answered late. */
export interface Fault {
  readonly type: 'fault'
  readonly fault: string
  readonly operation?: string
}

/** A clock was set; durations do not notice. */
export interface ClockSet {
  readonly type: 'clock-set'
  readonly clock: string
  readonly byMs: number
  /** What the server's said before, where it is that. */
  readonly serverMs?: number
}

/** From now on nothing goes wrong any more: no faults, everything is up. */
export interface Healed {
  readonly type: 'healed'
}

/**
 * A process is killed: nothing of it is heard any more, and nothing that it has not finished counts as standing still.
 */
export interface Killed {
  readonly type: 'killed'
}

/** The event loop of a process stands still for a while. */
export interface Stalled {
  readonly type: 'stalled'
  readonly forMs: number
}

/** A client, named by its process, begins to close. */
export interface Close {
  readonly type: 'close'
  /** What is closed, where the process has several: a consumer, a producer. */
  readonly what: string
  /** How long it may take. */
  readonly closeTimeoutMs: number
}

export interface Closed {
  readonly type: 'closed'
  readonly what: string
  readonly error?: string
}

/** Something that has to end in time or be cut off by its process's death: a loop, an admin's call, a stream. */
export interface Began {
  readonly type: 'began'
  readonly what: string
}

export interface Finished {
  readonly type: 'finished'
  readonly what: string
  readonly outcome: 'ok' | 'failed' | 'unknown'
  readonly error?: string
}

export interface UnhandledRejection {
  readonly type: 'unhandled-rejection'
  readonly error: string
}

/** After the final polls, before the final logs: all readers have had their time. */
export interface FinalPollsOver {
  readonly type: 'final-polls-over'
}

/** A line for people, which means nothing to the checker. */
export interface Note {
  readonly type: 'note'
  readonly text: string
}

export type WorldEvent =
  | Crash
  | Restart
  | Fault
  | ClockSet
  | Healed
  | Killed
  | Stalled
  | Close
  | Closed
  | Began
  | Finished
  | UnhandledRejection
  | FinalPollsOver
  | Note
