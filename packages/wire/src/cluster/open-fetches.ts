import type { Asker } from '../connection/asker.ts'

/**
 * Fetches that wait at a broker although whoever asked has been answered, because another leader had records. Asking
 * for the same again joins one rather than add another, which would take a further connection to the broker.
 */
export class OpenFetches {
  /** In whose name they are sent: nobody's, so they end with the transport. */
  readonly asker: Asker
  readonly #open = new Map<string, Promise<unknown>>()

  constructor(closing: AbortSignal) {
    this.asker = { signal: closing, sent: () => undefined }
  }

  join<T>(key: string, begin: () => Promise<T>): Joined<T> {
    const open = this.#open.get(key) as Promise<T> | undefined
    if (open) return { answer: open, isOwn: false }
    const begun = begin().finally(() => this.#open.delete(key))
    // Nobody may be waiting for it any more when it fails.
    begun.catch(() => undefined)
    this.#open.set(key, begun)
    return { answer: begun, isOwn: true }
  }
}

export interface Joined<T> {
  readonly answer: Promise<T>
  /** Whether it was begun for this caller, and not for one before. */
  readonly isOwn: boolean
}
