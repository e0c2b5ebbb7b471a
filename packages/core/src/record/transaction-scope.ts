import { createAsyncContext } from '#async-context'

const scopes = createAsyncContext<TransactionScope>()

/**
 * The body of a transaction, from its beginning to the end of the transaction. A consumer that gives out records within
 * the body leaves their commit to the transaction, which may still name the consumer. A transaction within the body of
 * another one belongs to that one too: its reads count when both are committed.
 */
export class TransactionScope {
  /** The enclosing transaction, which also decides the outcome. */
  #outer = TransactionScope.current
  readonly #listeners: (() => unknown)[] = []
  #outcome: 'open' | 'committed' | 'aborted' = 'open'

  /**
   * The open transaction whose body makes this call. The call may come long after the body began. Undefined in
   * browsers, which cannot tell.
   */
  static get current(): TransactionScope | undefined {
    let scope = scopes.current()
    while (scope && scope.#outcome !== 'open') scope = scope.#outer
    return scope
  }

  /** `aborted` also means an unknown outcome. */
  get outcome(): 'open' | 'committed' | 'aborted' {
    return this.#outcome === 'committed' && this.#outer ? this.#outer.outcome : this.#outcome
  }

  run<R>(body: () => R): R {
    return scopes.run(this, body)
  }

  /** Calls the listener when the outcome is known; the end of the transaction waits for it. */
  onEnd(listener: () => unknown): void {
    if (this.#outcome === 'open' || !this.#outer) this.#listeners.push(listener)
    else this.#outer.onEnd(listener)
  }

  async end(isCommitted: boolean): Promise<void> {
    this.#outcome = isCommitted ? 'committed' : 'aborted'
    if (this.#outer?.outcome !== 'open') {
      this.#outcome = this.outcome
      // Otherwise each nested transaction would keep all earlier ones in memory.
      this.#outer = undefined
    }
    const listeners = this.#listeners.splice(0)
    if (this.outcome === 'open') for (const listener of listeners) this.onEnd(listener)
    else await Promise.allSettled(listeners.map((listener) => listener()))
  }
}
