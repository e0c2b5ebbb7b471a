import { ProducerFencedError, type Runtime, type Transport } from '@kafkado/core'
import type { TransactionalProducer } from '@kafkado/producer'
import { createResumableProducer, type ProducerIdAndEpoch, type ResumableProducer } from '@kafkado/producer/internal'

/** The most idle producers to keep, of those with an id and of those without one. */
const mostIdle = 32
/**
 * For this many more ids, the client remembers the server's producer id and epoch. It then notices when another client
 * has taken the id.
 */
const mostRemembered = 10_000

interface Named extends ResumableProducer {
  /** Number of transactions that run or wait. */
  users: number
}

/**
 * The transactional producers of one client. A producer with the caller's id is kept, as the server knows it by that
 * id. A transaction without an id takes an idle producer, so the client uses only as many ids as transactions run at
 * once.
 */
export class TransactionalProducers {
  readonly #transport: Transport
  readonly #runtime: Runtime
  /** The most recently used producer is last. */
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
      // Nobody else has this id: a late copy of a request has fenced it. The id stays fenced, so close this producer
      // and use another id.
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
    // Close the producer that has been idle longest.
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
    // None of its transactions is running.
    void producer.close()
  }

  #make(transactionalId: string, identity?: ProducerIdAndEpoch): ResumableProducer {
    const config = { transactionalId, runtime: this.#runtime }
    const made = createResumableProducer(this.#transport, config, identity)
    this.#open.add(made.producer)
    return made
  }
}
