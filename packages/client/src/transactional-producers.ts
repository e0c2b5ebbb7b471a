import { ProducerFencedError, type Runtime, type Transport } from '@kafkado/core'
import type { TransactionalProducer } from '@kafkado/producer'
import { createResumableProducer, type ProducerIdAndEpoch, type ResumableProducer } from '@kafkado/producer/internal'

/** More producers than this are not kept while they have nothing to do, those with an id and those without one. */
const mostIdle = 32
/**
 * Of so many further ids at least the client remembers what the server knows them by, to learn when somebody else has
 * taken one.
 */
const mostRemembered = 10_000

interface Named extends ResumableProducer {
  /** How many transactions run or wait. */
  users: number
}

/**
 * The transactional producers of one client. One with an id of the caller's is kept, as the id names it for the server;
 * without an id the transaction gets a producer that is idle, so that as many ids are in use as transactions run at a
 * time.
 */
export class TransactionalProducers {
  readonly #transport: Transport
  readonly #runtime: Runtime
  /** The one that was used last comes last. */
  readonly #named = new Map<string, Named>()
  readonly #remembered = new Map<string, ProducerIdAndEpoch>()
  readonly #idle: TransactionalProducer[] = []
  readonly #open = new Set<TransactionalProducer>()

  constructor(transport: Transport, runtime: Runtime) {
    this.#transport = transport
    this.#runtime = runtime
  }

  async use<T>(id: string | undefined, run: (producer: TransactionalProducer) => Promise<T>): Promise<T> {
    if (id !== undefined) return this.#useNamed(id, run)
    const producer = this.#idle.pop() ?? this.#make(`kafkado-${this.#runtime.random.uuid()}`).producer
    try {
      const result = await run(producer)
      this.#release(producer)
      return result
    } catch (error) {
      // Nobody else has the id: a late copy of a request has taken it. It stays fenced, and another id does as well.
      if (ProducerFencedError.is(error)) this.#close(producer)
      else this.#release(producer)
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((producer) => producer.close()))
  }

  #release(producer: TransactionalProducer): void {
    this.#idle.push(producer)
    // The one that has waited longest goes.
    if (this.#idle.length > mostIdle) this.#close(this.#idle.shift() as TransactionalProducer)
  }

  async #useNamed<T>(id: string, run: (producer: TransactionalProducer) => Promise<T>): Promise<T> {
    const named = this.#named.get(id) ?? { ...this.#make(id, this.#remembered.get(id)), users: 0 }
    this.#remembered.delete(id)
    this.#named.delete(id)
    this.#named.set(id, named)
    named.users++
    try {
      return await run(named.producer)
    } finally {
      named.users--
      this.#letGo()
    }
  }

  #letGo(): void {
    for (const [id, { producer, identity, users }] of this.#named) {
      if (this.#named.size <= mostIdle) break
      if (users > 0) continue
      this.#named.delete(id)
      this.#remembered.set(id, identity())
      this.#close(producer)
    }
    for (const id of this.#remembered.keys()) {
      if (this.#remembered.size <= mostRemembered) return
      this.#remembered.delete(id)
    }
  }

  #close(producer: TransactionalProducer): void {
    this.#open.delete(producer)
    // Nothing of it is under way.
    void producer.close()
  }

  #make(transactionalId: string, identity?: ProducerIdAndEpoch): ResumableProducer {
    const config = { transactionalId, runtime: this.#runtime }
    const made = createResumableProducer(this.#transport, config, identity)
    this.#open.add(made.producer)
    return made
  }
}
