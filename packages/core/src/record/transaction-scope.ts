import { createAsyncContext } from '#async-context'

const scopes = createAsyncContext<TransactionScope>()

/**
 * The body of a transaction, from its beginning to the end of the transaction. A consumer that is asked for records
 * within it leaves these to the transaction, which has yet to say whose offsets it commits. Within the body of another
 * transaction it is a part of that one: what was read in it counts when both are committed.
 */
export class TransactionScope {
  /** The one that has a say in its outcome as well. */
  #outer = TransactionScope.current
  readonly #listeners: (() => unknown)[] = []
  #outcome: 'open' | 'committed' | 'aborted' = 'open'

  /**
   * The one from whose body this is called, as long as it is open: what a body has begun may go on for long afterwards.
   * Undefined in browsers, which cannot tell.
   */
  static get current(): TransactionScope | undefined {
    let scope = scopes.current()
    while (scope && scope.#outcome !== 'open') scope = scope.#outer
    return scope
  }

  /** `aborted` also where nobody can tell. */
  get outcome(): 'open' | 'committed' | 'aborted' {
    return this.#outcome === 'committed' && this.#outer ? this.#outer.outcome : this.#outcome
  }

  run<R>(body: () => R): R {
    return scopes.run(this, body)
  }

  /** Calls the listener when the outcome is known; the end waits for it. */
  onEnd(listener: () => unknown): void {
    if (this.#outcome === 'open' || !this.#outer) this.#listeners.push(listener)
    else this.#outer.onEnd(listener)
  }

  async end(isCommitted: boolean): Promise<void> {
    this.#outcome = isCommitted ? 'committed' : 'aborted'
    if (this.#outer?.outcome !== 'open') {
      this.#outcome = this.outcome
      // Else one that is begun within each would keep all before it in memory.
      this.#outer = undefined
    }
    const listeners = this.#listeners.splice(0)
    if (this.outcome === 'open') for (const listener of listeners) this.onEnd(listener)
    else await Promise.allSettled(listeners.map((listener) => listener()))
  }
}
