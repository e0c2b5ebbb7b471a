import type { Asker } from '../connection/asker.ts'

/**
 * Fetches that still wait at a broker although their callers have been answered, because another leader had records. An
 * equal fetch later joins one of them; a second one would take another connection to the broker.
 */
export class OpenFetches {
  /** Sends them on nobody's behalf, so they end only with the transport. */
  readonly asker: Asker
  readonly #open = new Map<string, Promise<unknown>>()

  constructor(closing: AbortSignal) {
    this.asker = { signal: closing, sent: () => undefined }
  }

  join<T>(key: string, begin: () => Promise<T>): Joined<T> {
    const open = this.#open.get(key) as Promise<T> | undefined
    if (open) return { answer: open, isOwn: false }
    const begun = begin().finally(() => this.#open.delete(key))
    // Nobody may be waiting any more when it fails.
    begun.catch(() => undefined)
    this.#open.set(key, begun)
    return { answer: begun, isOwn: true }
  }
}

export interface Joined<T> {
  readonly answer: Promise<T>
  /** Whether the poll was begun for this caller; false for one that it joined. */
  readonly isOwn: boolean
}
