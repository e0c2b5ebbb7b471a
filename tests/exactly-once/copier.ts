import { KafkaError, ProducerFencedError, type Runtime, systemRuntime, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { type Consumer, createConsumer } from '@kafkado/consumer'
import { createTransactionalProducer, type TransactionalProducer } from '@kafkado/producer'

/** What is read and written: the numbers from 0 up, spread over the partitions, and what the processes make of them. */
export const input = 'input'
export const output = 'output'

/** What the copy makes of a record. */
export function transformed(value: number): string {
  return `${value} squared is ${value * value}`
}

/**
 * Consumes, transforms and produces in transactions, as a service does that may be killed at any time: what makes it
 * impossible to go on it notes, and begins anew where the group has committed.
 */
export class Copier {
  readonly #consumer: Consumer<number>
  readonly #producer: TransactionalProducer
  readonly #runtime: Runtime
  #isClosed = false

  /** @param id the transactional id: a copier with the same one takes the place of this one */
  constructor(transport: Transport, id: string, runtime: Runtime = systemRuntime, heartbeatMs = 200) {
    this.#runtime = runtime
    this.#consumer = createConsumer<number>(transport, input, {
      group: 'copiers',
      runtime,
      heartbeatInterval: heartbeatMs,
      sessionTimeout: '3s',
      rebalanceTimeout: '2s',
      closeTimeout: '2s',
      fetchMaxWaitMs: 100,
    })
    this.#producer = createTransactionalProducer(transport, {
      transactionalId: id,
      transactionTimeout: '5s',
      deliveryTimeout: '10s',
      retryBackoffMs: 20,
      runtime,
    })
  }

  /** Copies until it is closed, or a newer one has its id. Rejects only with what no service could go on after. */
  async run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#copy()
      } catch (error) {
        if (ProducerFencedError.is(error) && error.message.includes('a newer producer')) return
        if (!KafkaError.is(error)) throw error
        await sleep(this.#runtime.clock, 50)
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([this.#consumer.close(), this.#producer.close()])
  }

  async #copy(): Promise<void> {
    for await (const batch of this.#consumer.batches({ size: 20, timeout: 20 })) {
      await this.#producer.transaction(async (tx) => {
        for (const { key, value } of batch) void tx.send(output, transformed(value), { key })
        await tx.commitOffsets(this.#consumer)
      })
    }
  }
}
