import {
  KafkaError,
  type KafkaRecord,
  type Runtime,
  type TopicDefinition,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'
import {
  createTransactionalProducer,
  type ProducerConfig,
  type RecordOptions,
  type Transaction,
  type TransactionalProducer,
} from '@kafkado/producer'
import { createTopicWriter, isWhole, offer, type TopicWriter } from '@kafkado/producer/internal'
import { ChosenPartitions } from './chosen-partitions.ts'
import type { Content, Outgoing } from './outgoing.ts'
import { PendingRecords } from './pending-records.ts'
import type { StreamsOptions } from '../../settings/streams-options.ts'

type RawTopic = TopicDefinition<Content, Uint8Array>

/** The most records under way at a time. */
const mostPending = 50_000

/** A topic for serialised keys and values. */
function rawTopic(name: string): RawTopic {
  const asBytes = (value: Content): Uint8Array => (typeof value === 'string' ? new TextEncoder().encode(value) : value)
  const value = { serialize: asBytes, deserialize: (bytes: Uint8Array) => bytes, stringify: (text: Content) => text }
  return { name, key: { serialize: (key) => key, deserialize: (bytes) => bytes }, value }
}

/** Writes the output of a member's tasks, and commits it. */
export interface RecordCollector {
  /** Call it before processing records with results. */
  begin(): Promise<void>
  send(record: Outgoing): void
  /** Resolves when there is room for more. @throws the error of a send */
  ready(): Promise<void>
  /**
   * Resolves when everything is delivered and the offsets are committed.
   *
   * @param offsets the processed offsets
   * @param commit commits them with the consumer, if they are not a part of a transaction
   */
  commit(offsets: TransactionOffsets, commit: () => Promise<void>): Promise<void>
  /** Gives up everything uncommitted. Does not fail. */
  endSession(): Promise<void>
}

/** Sends at once; commits when everything is delivered. */
export class PlainCollector implements RecordCollector {
  readonly #transport: Transport
  readonly #runtime: Runtime
  readonly #config: ProducerConfig
  readonly #writers = new Map<string, { readonly definition: RawTopic; readonly writer: TopicWriter }>()
  #choices: ChosenPartitions
  #pending = new PendingRecords()

  constructor(transport: Transport, options: StreamsOptions['producer'], runtime: Runtime) {
    this.#transport = transport
    this.#runtime = runtime
    this.#config = { ...options, runtime }
    this.#choices = new ChosenPartitions(transport, runtime)
  }

  begin(): Promise<void> {
    return Promise.resolve()
  }

  send(outgoing: Outgoing): void {
    const { topic, value, partition } = outgoing
    const { definition, writer } = this.#writerOf(topic)
    const write = (chosen: number | undefined) => writer.send(definition, { ...optionsOf(outgoing, chosen), value })
    this.#pending.add(this.#choices.send(topic, partition, write), outgoing)
  }

  ready(): Promise<void> {
    return this.#pending.below(mostPending)
  }

  async commit(_offsets: TransactionOffsets, commit: () => Promise<void>): Promise<void> {
    await this.flush()
    await commit()
  }

  /** Resolves when everything is delivered. @throws the error of a failed delivery */
  async flush(): Promise<void> {
    await this.#choices.idle()
    await Promise.all([...this.#writers.values()].map(({ writer }) => writer.flush()))
    await this.#pending.below(1)
  }

  endSession(): Promise<void> {
    const reason = new KafkaError('the records are processed again, so their former results are not sent', {
      code: 'SESSION_ENDED',
      outcome: 'unknown',
    })
    // Refuses what is under way before the producer continues, so that it does not arrive behind new results of the
    // same records.
    for (const { writer } of this.#writers.values()) writer.giveUp(reason)
    this.#choices.giveUp(reason)
    this.#choices = new ChosenPartitions(this.#transport, this.#runtime)
    this.#pending = new PendingRecords()
    return Promise.resolve()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers.values()].map(({ writer }) => writer.close()))
  }

  #writerOf(topic: string): { readonly definition: RawTopic; readonly writer: TopicWriter } {
    let own = this.#writers.get(topic)
    if (!own) {
      const definition = rawTopic(topic)
      own = { definition, writer: createTopicWriter(this.#transport, definition, this.#config) }
      this.#writers.set(topic, own)
    }
    return own
  }
}

type TransactionalConfig = ProducerConfig & { readonly transactionalId: string; readonly runtime: Runtime }

/**
 * Sends in a transaction from one commit to the next. Records refused for their content can be left out of it. Only if
 * other records of the partition were under way behind the refused one, the transaction is lost, and the session with
 * it; one request at a time prevents that.
 */
export class TransactionalCollector implements RecordCollector {
  readonly #producer: TransactionalProducer
  readonly #over: AbortSignal
  readonly #topics = new Map<string, RawTopic>()
  readonly #choices: ChosenPartitions
  readonly #pending = new PendingRecords(() => this.#open !== undefined && isWhole(this.#open.transaction))
  #open: { readonly transaction: Transaction; end(offsets: TransactionOffsets): Promise<void> } | undefined

  /**
   * @param config allows one request at a time per partition if refusals are expected
   * @param over aborted when the session is given up, together with the transaction
   */
  constructor(transport: Transport, config: TransactionalConfig, over: AbortSignal) {
    this.#producer = createTransactionalProducer(transport, config)
    this.#over = over
    this.#choices = new ChosenPartitions(transport, config.runtime)
  }

  async begin(): Promise<void> {
    if (this.#open) return
    await new Promise<void>((resolve, reject) => {
      let end!: (offsets: TransactionOffsets) => void
      const ending = new Promise<TransactionOffsets>((over) => {
        end = over
      })
      const body = async (transaction: Transaction): Promise<void> => {
        this.#open = {
          transaction,
          end(offsets) {
            end(offsets)
            return running
          },
        }
        resolve()
        const ended = await orAborted(ending, this.#over)
        // A record refused now may be put aside in the same transaction, or end it.
        const delivered = orAborted(this.#pending.below(1), this.#over)
        const isAny = ended.offsets.length > 0
        const offsets = isAny && transaction.commitOffsets({ offsetsForTransaction: () => Promise.resolve(ended) })
        await Promise.all([delivered, offsets])
      }
      const running = this.#producer.transaction(body, { signal: this.#over })
      // The caller that ends it gets the error; before that, the body has not begun.
      running.catch(reject)
    })
  }

  send(outgoing: Outgoing): void {
    const { topic, value, partition } = outgoing
    if (!this.#open) throw new Error(`a record for '${topic}' was sent outside of a transaction`)
    let definition = this.#topics.get(topic)
    if (!definition) this.#topics.set(topic, (definition = rawTopic(topic)))
    const { transaction } = this.#open
    const raw = definition
    const write = (chosen: number | undefined) => offer(transaction, raw, { ...optionsOf(outgoing, chosen), value })
    this.#pending.add(this.#choices.send(topic, partition, write), outgoing)
  }

  ready(): Promise<void> {
    return this.#pending.below(mostPending)
  }

  async commit(offsets: TransactionOffsets): Promise<void> {
    const open = this.#open
    if (!open) return
    await this.#choices.idle()
    try {
      await open.end(offsets)
    } catch (error) {
      // The transaction fails because of its sends, and their errors tell more.
      this.#pending.throwIfFailed()
      throw error
    }
    this.#open = undefined
  }

  endSession(): Promise<void> {
    this.#choices.giveUp(new Error('the session has ended'))
    return this.#producer.close()
  }
}

function optionsOf({ key, timestamp, headers }: Outgoing, partition: number | undefined): RecordOptions<Uint8Array> {
  const options: RecordOptions<Uint8Array> = { key, timestamp }
  if (partition !== undefined) options.partition = partition
  if (headers !== undefined) options.headers = headers
  return options
}

/** The record's headers that its results inherit; undefined without any. */
export function headersOf(record: KafkaRecord<unknown, unknown> | undefined): RecordOptions['headers'] {
  return record?.hasHeaders ? record.rawHeaders : undefined
}
