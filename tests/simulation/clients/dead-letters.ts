import { deadLetter, type FailureHandler } from '@kafkado/consumer'
import { createProducer, type Producer } from '@kafkado/producer'
import type { ReaderPlan } from '../plan/client-plans.ts'
import type { ClientProcess } from './client-process.ts'
import { textTopic } from './text-topic.ts'
import type { ReadRecord, WatchedConsumer } from './watched-consumer.ts'

/** Copies what a handler fails with to a topic, and tells the history when it begins to and when it has. */
export class DeadLetters {
  readonly #process: ClientProcess
  readonly #deadTopic: string
  readonly #producer: Producer<string>
  readonly #copy: FailureHandler<ReadRecord>

  /** @returns undefined where the reader's handlers do not set anything aside */
  static of(process: ClientProcess, { aside }: ReaderPlan): DeadLetters | undefined {
    return aside?.why === 'handler' && aside.deadTopic !== undefined
      ? new DeadLetters(process, aside.deadTopic)
      : undefined
  }

  constructor(process: ClientProcess, deadTopic: string) {
    this.#process = process
    this.#deadTopic = deadTopic
    this.#producer = createProducer(process.transport, textTopic(deadTopic), {
      runtime: process.runtime,
      deliveryTimeout: 10_000,
      retryBackoffMs: 20,
    })
    this.#copy = deadLetter(this.#producer) as FailureHandler<ReadRecord>
  }

  /** What `onFailure` is for a consumer. */
  handlerOf(consumer: WatchedConsumer): FailureHandler<ReadRecord> {
    return async (record, error) => {
      const { topic, partition, offset } = record
      this.#process.tell({ type: 'setting-aside', consumer: consumer.name, topic, partition, offset })
      await this.#copy(record, error)
      consumer.setAside(record, 'handler', this.#deadTopic)
    }
  }

  close(): Promise<void> {
    return this.#process.closing('producer of dead letters', 10_000, () => this.#producer.close())
  }
}
