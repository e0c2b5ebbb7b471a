import { createAsyncContext } from '#async-context'

const scopes = createAsyncContext<TransactionScope>()

/**
 * The body of a transaction, from its beginning to the end of the transaction. A consumer that is asked for records within it leaves these to the
 * transaction, which has yet to say whose offsets it commits.
 */
export class TransactionScope {
  readonly #listeners: (() => unknown)[] = []
  #outcome: 'open' | 'committed' | 'aborted' = 'open'

  /** The one from whose body this is called; undefined in browsers, which cannot tell. */
  static get current(): TransactionScope | undefined {
    return scopes.current()
  }

  /** `aborted` also where nobody can tell. */
  get outcome(): 'open' | 'committed' | 'aborted' {
    return this.#outcome
  }

  run<R>(body: () => R): R {
    return scopes.run(this, body)
  }

  /** Calls the listener at the end, which waits for it. */
  onEnd(listener: () => unknown): void {
    this.#listeners.push(listener)
  }

  async end(isCommitted: boolean): Promise<void> {
    this.#outcome = isCommitted ? 'committed' : 'aborted'
    await Promise.allSettled(this.#listeners.splice(0).map((listener) => listener()))
  }
}
