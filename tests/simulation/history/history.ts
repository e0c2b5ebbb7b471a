import type { EventContent, HistoryEvent } from './history-event.ts'

/** Everything that happened in a run, in its order. The world writes, the checker reads. */
export class History {
  readonly events: HistoryEvent[] = []
  readonly #monotonic: () => number
  readonly #startMs: number

  /** @param monotonic the virtual time of the world, in milliseconds */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#startMs = monotonic()
  }

  /** Adds what a process did, at this moment. What is given is kept: it must not be changed later. */
  add(process: string, content: EventContent): HistoryEvent {
    const event: HistoryEvent = {
      sequence: this.events.length,
      atMs: this.#monotonic() - this.#startMs,
      process,
      ...content,
    }
    this.events.push(event)
    return event
  }
}
