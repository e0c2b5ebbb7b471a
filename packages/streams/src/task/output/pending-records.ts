import { KafkaError } from '@kafkado/core'
import { isRefused } from '@kafkado/producer/internal'
import type { Written } from './chosen-partitions.ts'
import type { Outgoing } from './outgoing.ts'

/** Counts records under way, handles refusals, and keeps the first failure. */
export class PendingRecords {
  readonly #isWhole: () => boolean
  #count = 0
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void)[] = []

  /** @param isWhole whether the other records can still be committed without the refused ones */
  constructor(isWhole: () => boolean = () => true) {
    this.#isWhole = isWhole
  }

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

  /** Resolves when fewer than that many are under way. @throws the error of one of them */
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
      if (!isRefused(cause)) throw cause
      if (!this.#isWhole()) throw lost(cause as Error)
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

function lost(cause: Error): KafkaError {
  return new KafkaError(
    `the transaction is repeated, because records were sent behind the refused one: ${cause.message}`,
    {
      code: 'OUTPUT_REFUSED',
      retriable: true,
      outcome: 'failed',
      cause,
    },
  )
}
