import type {
  KafkaRecord,
  RecordMetadata,
  Runtime,
  TopicDefinition,
  TransactionOffsets,
  Transport,
} from '@kafkado/core'
import {
  createProducer,
  createTransactionalProducer,
  type Producer,
  type ProducerConfig,
  type RecordOptions,
  type Transaction,
  type TransactionalProducer,
} from '@kafkado/producer'
import type { StreamsOptions } from './streams-options.ts'

type Written = string | Uint8Array
type RawTopic = TopicDefinition<Written, Uint8Array>

/** More records than this are not under way at a time. */
const mostPending = 50_000

/** A topic whose keys and values are written already. */
function rawTopic(name: string): RawTopic {
  const asBytes = (value: Written): Uint8Array => (typeof value === 'string' ? new TextEncoder().encode(value) : value)
  const value = { serialize: asBytes, deserialize: (bytes: Uint8Array) => bytes, stringify: (text: Written) => text }
  return { name, key: { serialize: (key) => key, deserialize: (bytes) => bytes }, value }
}

export interface Outgoing {
  readonly topic: string
  readonly partition: number | undefined
  readonly key: Uint8Array | null
  readonly value: Written | null
  readonly timestamp: number
  readonly headers: RecordOptions['headers']
  /** Told where it is when it was delivered. */
  readonly onDelivered?: (metadata: RecordMetadata) => void
}

/** Writes what the tasks of a thread put out, and commits it. */
export interface RecordCollector {
  /** Has to be called before records are processed whose results are sent. */
  begin(): Promise<void>
  send(record: Outgoing): void
  /** Resolves when there is room for more. @throws what a send failed with */
  ready(): Promise<void>
  /**
   * Resolves when all is delivered and the offsets are committed.
   *
   * @param offsets what was processed
   * @param commit commits them by the consumer, where that is not a part of a transaction
   */
  commit(offsets: TransactionOffsets, commit: () => Promise<void>): Promise<void>
  /** Gives up what was not committed. */
  abort(reason: Error): Promise<void>
  close(): Promise<void>
}

/** Counts what is under way, and keeps the first failure. */
class Pending {
  #count = 0
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void)[] = []

  add(delivering: Promise<RecordMetadata>, onDelivered: Outgoing['onDelivered']): void {
    this.#count++
    delivering.then(
      (metadata) => {
        onDelivered?.(metadata)
        this.#done()
      },
      (error: unknown) => {
        this.#failure ??= { error }
        this.#done()
      },
    )
  }

  async below(limit: number): Promise<void> {
    while (this.#count >= limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#failure) throw this.#failure.error
  }

  #done(): void {
    this.#count--
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Sends at once; commits when all is delivered. */
export class PlainCollector implements RecordCollector {
  readonly #transport: Transport
  readonly #config: ProducerConfig
  readonly #producers = new Map<string, Producer<Written, Uint8Array>>()
  readonly #pending = new Pending()

  constructor(transport: Transport, options: StreamsOptions['producer'], runtime: Runtime) {
    this.#transport = transport
    this.#config = { ...options, runtime }
  }

  begin(): Promise<void> {
    return Promise.resolve()
  }

  send({ topic, value, onDelivered, partition, ...options }: Outgoing): void {
    const chosen = partition === undefined ? options : { ...options, partition }
    this.#pending.add(this.#producerOf(topic).send(value, withoutUndefined(chosen)), onDelivered)
  }

  ready(): Promise<void> {
    return this.#pending.below(mostPending)
  }

  async commit(_offsets: TransactionOffsets, commit: () => Promise<void>): Promise<void> {
    await Promise.all([...this.#producers.values()].map((producer) => producer.flush()))
    await this.#pending.below(1)
    await commit()
  }

  abort(): Promise<void> {
    // What was sent is sent; it is made once more by whoever processes the records again.
    return Promise.resolve()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()))
  }

  #producerOf(topic: string): Producer<Written, Uint8Array> {
    let producer = this.#producers.get(topic)
    if (!producer) {
      producer = createProducer<Written, Uint8Array>(this.#transport, rawTopic(topic), this.#config)
      this.#producers.set(topic, producer)
    }
    return producer
  }
}

/** Sends in a transaction, from one commit to the next. */
export class TransactionalCollector implements RecordCollector {
  readonly #producer: TransactionalProducer
  readonly #topics = new Map<string, RawTopic>()
  readonly #pending = new Pending()
  #open: { readonly transaction: Transaction; end(offsets: TransactionOffsets | Error): Promise<void> } | undefined

  constructor(transport: Transport, transactionalId: string, options: StreamsOptions['producer'], runtime: Runtime) {
    // A member that has gone holds up readers of its partitions until its transaction times out; Kafka Streams allows for 10 s too.
    const config = { transactionTimeout: '10s' as const, ...options, runtime, transactionalId }
    this.#producer = createTransactionalProducer(transport, config)
  }

  async begin(): Promise<void> {
    if (this.#open) return
    await new Promise<void>((resolve, reject) => {
      let end!: (offsets: TransactionOffsets | Error) => void
      const ending = new Promise<TransactionOffsets | Error>((over) => {
        end = over
      })
      const running = this.#producer.transaction(async (transaction) => {
        this.#open = {
          transaction,
          end(outcome) {
            end(outcome)
            return running
          },
        }
        resolve()
        const outcome = await ending
        if (outcome instanceof Error) throw outcome
        if (outcome.offsets.length > 0)
          await transaction.commitOffsets({ offsetsForTransaction: () => Promise.resolve(outcome) })
      })
      // Whoever ends it sees the error; before that the body has not begun.
      running.catch(reject)
    })
  }

  send({ topic, value, onDelivered, partition, ...options }: Outgoing): void {
    if (!this.#open) throw new Error(`a record for '${topic}' was sent outside of a transaction`)
    let definition = this.#topics.get(topic)
    if (!definition) this.#topics.set(topic, (definition = rawTopic(topic)))
    const chosen = partition === undefined ? options : { ...options, partition }
    this.#pending.add(this.#open.transaction.send(definition, value, withoutUndefined(chosen)), onDelivered)
  }

  ready(): Promise<void> {
    return this.#pending.below(mostPending)
  }

  async commit(offsets: TransactionOffsets): Promise<void> {
    const open = this.#open
    if (!open) return
    await open.end(offsets)
    this.#open = undefined
  }

  async abort(reason: Error): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.end(reason).catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.abort(new Error('the application is closing'))
    await this.#producer.close()
  }
}

function withoutUndefined({ headers, ...options }: RecordOptions<Uint8Array>): RecordOptions<Uint8Array> {
  return headers === undefined ? options : { ...options, headers }
}

/** The headers of a record that go on with its results; undefined without any. */
export function headersOf(record: KafkaRecord<unknown, unknown> | undefined): RecordOptions['headers'] {
  return record?.hasHeaders ? record.rawHeaders : undefined
}
