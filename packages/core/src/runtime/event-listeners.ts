import { diagnosticChannel } from './diagnostics.ts'
import { queueMicrotask } from './platform-timers.ts'

/** Passes events to listeners, and to the channels of `node:diagnostics_channel` that are named after them. */
export class EventListeners<Events extends Record<keyof Events, object>> {
  readonly #channels: string
  readonly #origin: object
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>()

  /**
   * @param channels the prefix of the channel names; the event's name follows
   * @param origin the sender, for subscribers of a channel
   */
  constructor(channels: string, origin: object) {
    this.#channels = channels
    this.#origin = origin
  }

  /** @returns a function that stops listening */
  on<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** @returns whether anybody listens */
  emit<Name extends keyof Events & string>(name: Name, event: Events[Name]): boolean {
    const channel = diagnosticChannel(this.#channels + name)
    if (channel.hasSubscribers) channel.publish({ ...this.#origin, ...event })
    const listeners = this.#listeners.get(name) ?? new Set()
    for (const listener of listeners) {
      try {
        ;(listener as (event: Events[Name]) => void)(event)
      } catch (error) {
        // The emitter has no part in this error: it is the listener's, and surfaces like any uncaught error.
        queueMicrotask(() => {
          throw error
        })
      }
    }
    return listeners.size > 0
  }
}
