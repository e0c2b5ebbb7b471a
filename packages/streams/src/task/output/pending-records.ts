import { isOfRecord } from '../errors/processing-errors.ts'
import type { Written } from './chosen-partitions.ts'
import type { Outgoing } from './record-collector.ts'

/** Counts what is under way, and keeps the first failure. */
export class PendingRecords {
  #count = 0
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void)[] = []

  add(delivering: Promise<Written>, outgoing: Outgoing): void {
    this.#count++
    delivering.then(
      (written) => {
        outgoing.onDelivered?.(written, outgoing)
        this.#done()
      },
      (error: unknown) => {
        this.#failed(error, outgoing)
        this.#done()
      },
    )
  }

  /** Resolves when fewer than that many are under way. @throws what one of them failed with */
  async below(limit: number): Promise<void> {
    while (this.#count >= limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.throwIfFailed()
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error
  }

  #failed(cause: unknown, outgoing: Outgoing): void {
    if (this.#failure) return
    try {
      if (!isOfRecord(cause)) throw cause
      outgoing.onRefused(cause as Error, outgoing)
    } catch (error) {
      this.#failure = { error }
    }
  }

  #done(): void {
    this.#count--
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
