import { diagnosticChannel } from './diagnostics.ts'
import { queueMicrotask } from './platform-timers.ts'

/** Hands events to those who listen, and to the channels of `node:diagnostics_channel` that are named after them. */
export class EventListeners<Events extends Record<keyof Events, object>> {
  readonly #channels: string
  readonly #origin: object
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>()

  /**
   * @param channels what the name of a channel begins with; the name of the event follows
   * @param origin who tells, for those who listen to a channel
   */
  constructor(channels: string, origin: object) {
    this.#channels = channels
    this.#origin = origin
  }

  /** @returns what stops listening */
  on<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** @returns whether somebody listens */
  emit<Name extends keyof Events & string>(name: Name, event: Events[Name]): boolean {
    const channel = diagnosticChannel(this.#channels + name)
    if (channel.hasSubscribers) channel.publish({ ...this.#origin, ...event })
    const listeners = this.#listeners.get(name) ?? new Set()
    for (const listener of listeners) {
      try {
        ;(listener as (event: Events[Name]) => void)(event)
      } catch (error) {
        // Whoever tells has nothing to do with it: it is the listener's own, and as loud as any error that nobody
        // catches.
        queueMicrotask(() => {
          throw error
        })
      }
    }
    return listeners.size > 0
  }
}
