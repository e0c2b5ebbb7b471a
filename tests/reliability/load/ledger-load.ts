import { defineTopic, KafkaError, ProducerFencedError, type Random, systemClock, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { createTransactionalProducer, type TransactionalProducer } from '@kafkado/producer'
import { Harness, TestProducer } from '@kafkado/testing/conformance'
import { type LoadPart, partitionCount, type Progress } from './load-part.ts'

/** How a transaction ended, as far as its producer was told. */
type Ending = 'committed' | 'aborted' | 'unknown'

/** Writes one record to each partition in a transaction. */
interface Teller {
  transact(name: string, isCommitted: boolean): Promise<Ending>
  close(): Promise<void>
}

/** A pause after what failed, as a service makes one: the server may be away. */
const pauseMs = 20

/**
 * Transactions over all partitions of a topic, of which some are aborted, by requests as they are and by the client.
 */
export class LedgerLoad implements LoadPart {
  readonly #topic: string
  readonly #tellers: Teller[]
  readonly #endings = new Map<string, Ending>()
  readonly #running: Promise<unknown>
  readonly #wrong: string[] = []
  #isOver = false

  constructor(transport: Transport, topic: string, random: Random, progress: Progress) {
    this.#topic = topic
    this.#tellers = [
      new RawTeller(transport, topic, 'raw-a'),
      new RawTeller(transport, topic, 'raw-b'),
      new ClientTeller(transport, topic, 'client'),
    ]
    this.#running = Promise.all(this.#tellers.map((teller, index) => this.#transact(teller, index, random, progress)))
  }

  get counts(): Record<string, number> {
    const count = (ending: Ending): number => [...this.#endings.values()].filter((one) => one === ending).length
    return {
      'transactions committed': count('committed'),
      'transactions aborted': count('aborted'),
      'transactions with an unknown end': count('unknown'),
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
    for (const teller of this.#tellers) await teller.close()
  }

  async check(harness: Harness): Promise<string[]> {
    // Whoever takes an id over ends what it has left open.
    for (const id of ['raw-a', 'raw-b', 'client']) await new TestProducer(harness, id).init()
    const found = new Map<string, number>()
    for (let partition = 0; partition < partitionCount; partition++) {
      for (const value of await harness.committed(this.#topic, 0, partition))
        found.set(value, (found.get(value) ?? 0) + 1)
    }
    const wrong = [...this.#wrong]
    for (const [name, count] of found)
      if (count !== partitionCount) wrong.push(`${this.#topic}: transaction ${name} is there ${count} times`)
    for (const [name, ending] of this.#endings) {
      if (ending !== 'unknown' && found.has(name) !== (ending === 'committed'))
        wrong.push(`${this.#topic}: transaction ${name} was ${ending}`)
    }
    return wrong
  }

  async #transact(teller: Teller, index: number, random: Random, progress: Progress): Promise<void> {
    for (let count = 0; !this.#isOver; count++) {
      const name = `${index}-${count}`
      const ending = await teller.transact(name, random.next() < 0.7).catch((error: unknown): Ending => {
        this.#wrong.push(`${this.#topic}: transaction ${name} failed with ${String(error)}`)
        return 'unknown'
      })
      this.#endings.set(name, ending)
      if (ending === 'unknown') await sleep(systemClock, pauseMs)
      else progress.tell()
    }
  }
}

/** Says each request itself, and takes the id anew after whatever failed. */
class RawTeller implements Teller {
  readonly #harness: Harness
  readonly #topic: string
  readonly #id: string
  #producer: TestProducer | undefined

  constructor(transport: Transport, topic: string, id: string) {
    this.#harness = new Harness(transport, id)
    this.#topic = topic
    this.#id = id
  }

  async transact(name: string, isCommitted: boolean): Promise<Ending> {
    try {
      this.#producer ??= await new TestProducer(this.#harness, this.#id).init()
      for (let partition = 0; partition < partitionCount; partition++) {
        const { errorCode, errorMessage } = await this.#producer.send(this.#topic, [name], partition)
        if (errorCode !== 0) throw new KafkaError(`${errorMessage}`, { code: 'REFUSED' })
      }
      await this.#producer.end(isCommitted)
      return isCommitted ? 'committed' : 'aborted'
    } catch (error) {
      this.#producer = undefined
      if (!KafkaError.is(error)) throw error
      return 'unknown'
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class GivenUp extends Error {}

/** The client's transactions, which say themselves whether it is known how they ended. */
class ClientTeller implements Teller {
  readonly #topic: string
  readonly #make: () => TransactionalProducer
  #producer: TransactionalProducer

  constructor(transport: Transport, topic: string, transactionalId: string) {
    this.#topic = topic
    const config = { transactionalId, deliveryTimeout: '30s', retryBackoffMs: pauseMs } as const
    this.#make = () => createTransactionalProducer(transport, config)
    this.#producer = this.#make()
  }

  async transact(name: string, isCommitted: boolean): Promise<Ending> {
    try {
      await this.#producer.transaction(async (tx) => {
        const ledger = defineTopic(this.#topic, { value: 'string' })
        const partitions = [...Array(partitionCount).keys()]
        await Promise.all(partitions.map((partition) => tx.send(ledger, name, { partition })))
        if (!isCommitted) throw new GivenUp()
      })
      return 'committed'
    } catch (error) {
      if (error instanceof GivenUp) return 'aborted'
      if (!KafkaError.is(error)) throw error
      if (ProducerFencedError.is(error)) await this.#renew()
      return error.outcome === 'failed' ? 'aborted' : 'unknown'
    }
  }

  close(): Promise<void> {
    return this.#producer.close()
  }

  async #renew(): Promise<void> {
    await this.#producer.close()
    this.#producer = this.#make()
  }
}
