import type { Runtime, Transport } from '@kafkado/core'
import { createTransactionalProducer, type TransactionalProducer } from '@kafkado/producer'

/**
 * The transactional producers of one client. One with an id of the caller's is kept, as the id names it for the server; without an id the
 * transaction gets a producer that is idle, so that as many ids are in use as transactions run at a time.
 */
export class TransactionalProducers {
  readonly #transport: Transport
  readonly #runtime: Runtime
  readonly #named = new Map<string, TransactionalProducer>()
  readonly #idle: TransactionalProducer[] = []
  readonly #all = new Set<TransactionalProducer>()

  constructor(transport: Transport, runtime: Runtime) {
    this.#transport = transport
    this.#runtime = runtime
  }

  async use<T>(id: string | undefined, run: (producer: TransactionalProducer) => Promise<T>): Promise<T> {
    if (id !== undefined) return run(this.#ofId(id))
    const producer = this.#idle.pop() ?? this.#make(`kafkado-${this.#runtime.random.uuid()}`)
    try {
      return await run(producer)
    } finally {
      this.#idle.push(producer)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((producer) => producer.close()))
  }

  #ofId(id: string): TransactionalProducer {
    const producer = this.#named.get(id) ?? this.#make(id)
    this.#named.set(id, producer)
    return producer
  }

  #make(transactionalId: string): TransactionalProducer {
    const producer = createTransactionalProducer(this.#transport, { transactionalId, runtime: this.#runtime })
    this.#all.add(producer)
    return producer
  }
}
