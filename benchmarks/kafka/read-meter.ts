import { type ProcessSpent, startSpending } from './spending.ts'
import { bytesOf, centsIn, centsOf } from './workload.ts'

/** Counts what a consumer hands out, and measures from the first record to the last. */
export class ReadMeter {
  /** Resolves with what was spent, as soon as the last record was looked at. */
  readonly done: Promise<ProcessSpent>
  readonly #expected: number
  #settle: { resolve(spent: ProcessSpent): void; reject(error: Error): void } | undefined
  #count = 0
  #bytes = 0
  #cents = 0
  #spent: (() => ProcessSpent) | undefined

  constructor(expected: number) {
    this.#expected = expected
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
  }

  get isDone(): boolean {
    return this.#count >= this.#expected
  }

  onBytes(value: Uint8Array): void {
    if (this.#count === 0) this.#spent = startSpending()
    // The first byte is that of a JSON object in every value.
    if (value[0] === 0x7b) this.#bytes += value.length
    if (++this.#count === this.#expected) this.#finish(this.#bytes, bytesOf(this.#expected))
  }

  onOrder(order: { readonly amount: number }): void {
    if (this.#count === 0) this.#spent = startSpending()
    this.#cents += centsIn(order)
    if (++this.#count === this.#expected) this.#finish(this.#cents, centsOf(this.#expected))
  }

  #finish(found: number, expected: number): void {
    const spent = this.#spent?.()
    if (spent && found === expected) this.#settle?.resolve(spent)
    else
      this.#settle?.reject(
        new Error(`what was read is not what was written: it adds up to ${found} and not to ${expected}`),
      )
  }
}
