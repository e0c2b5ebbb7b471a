import type { Clock } from '../runtime/clock.ts'
import type { Transport } from './transport.ts'

/** A transaction from the beginning of its body to its end. */
interface OpenTransaction {
  /** The how many-th it is. */
  readonly mark: number
  readonly clock: Clock
  /** The server ends it then, by the monotonic clock. */
  readonly overMs: number
}

const byTransport = new WeakMap<Transport, OpenTransactions>()

/**
 * The transactions that clients run over a transport. Consumers need to know of them: until a transaction names the consumer whose offsets it
 * commits, what any consumer gives out meanwhile may belong to it.
 */
export class OpenTransactions {
  /** In the order in which they began. */
  readonly #open = new Set<OpenTransaction>()
  readonly #aborted = new Set<(mark: number) => void>()
  #waiting: (() => void)[] = []
  #mark = 0

  static over(transport: Transport): OpenTransactions {
    const known = byTransport.get(transport)
    if (known) return known
    const made = new OpenTransactions()
    byTransport.set(transport, made)
    return made
  }

  /** How many have begun. */
  get mark(): number {
    return this.#mark
  }

  /** The mark of the one that has been open longest; undefined when none is. */
  get oldest(): number | undefined {
    for (const transaction of this.#open) {
      const { clock, overMs, mark } = transaction
      if (clock.monotonic() <= overMs) return mark
      // Its body hangs, and what it has read is no longer its own to commit.
      this.#end(transaction, false)
    }
    return undefined
  }

  /** @returns to be called at its end, once: with false when it is aborted, or nobody can tell */
  begin(clock: Clock, timeoutMs: number): (isCommitted: boolean) => void {
    this.#mark++
    const transaction = { mark: this.#mark, clock, overMs: clock.monotonic() + timeoutMs }
    this.#open.add(transaction)
    return (isCommitted) => this.#end(transaction, isCommitted)
  }

  /** @returns a function that ends listening */
  onAborted(listener: (mark: number) => void): () => void {
    this.#aborted.add(listener)
    return () => this.#aborted.delete(listener)
  }

  /** Resolves when the next one ends. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  #end(transaction: OpenTransaction, isCommitted: boolean): void {
    if (!this.#open.has(transaction)) return
    if (!isCommitted) for (const listener of this.#aborted) listener(transaction.mark)
    this.#open.delete(transaction)
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
