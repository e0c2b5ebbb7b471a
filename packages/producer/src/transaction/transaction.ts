import {
  type AnyKafkaRecord,
  type Clock,
  InvalidRequestError,
  KafkaRecord,
  type Message,
  ProducerFencedError,
  type RecordMetadata,
  TimeoutError,
  type Timer,
  type TopicLike,
  type TransactionalReader,
  type TransactionOffsets,
} from '@kafkado/core'
import { isObject, showTyped, sourceOf, topicDefinitionOf } from '@kafkado/core/internal'
import { BatchDeliveryError } from '../delivery/batch-delivery-error.ts'
import { messagesOf, notList, notOptions, type RecordOptions } from '../record/messages-of.ts'
import { isRefused } from '../record/record-refusal.ts'
import type { TransactionManager } from './transaction-manager.ts'

/** What a transaction needs from its producer. */
export interface TransactionParts {
  readonly manager: TransactionManager
  readonly clock: Clock
  /** How long an answer to something of it is waited for. */
  readonly patienceMs: number
  send<V, K>(topic: TopicLike<V, K>, message: Message<V, K>): Promise<RecordMetadata>
}

/** Whose offsets to commit: a consumer, for everything that it has given out; or a list of processed records. */
export type OffsetsOf = TransactionalReader | readonly AnyKafkaRecord[]

/**
 * Everything in a transaction counts together, or not at all. `transaction()` gives it to the body; it ends with the
 * body.
 */
export class Transaction {
  readonly #parts: TransactionParts
  readonly #committing: TransactionOffsets[] = []
  readonly #pending = new Set<Promise<unknown>>()
  readonly #failures: unknown[] = []
  #isOver = false
  #isOverdue = false
  #timer: Timer | undefined

  /** @internal made by a TransactionalProducer */
  constructor(parts: TransactionParts) {
    this.#parts = parts
    takers.set(this, {
      manager: parts.manager,
      send: (topic, message) => this.#part(() => parts.send(topic, message), isRefused),
    })
  }

  /** The id under which the server knows the producer. Kafka: transactional.id. */
  get id(): string {
    return this.#parts.manager.transactionalId
  }

  /**
   * Sends a record. Readers with `read_committed` see it after the commit. A failed send, awaited or not, aborts the
   * transaction.
   *
   * @throws as {@link Producer.send} does, and InvalidRequestError when the transaction is over
   */
  send<V, K = string>(topic: TopicLike<V, K>, value: V | null, options?: RecordOptions<K>): Promise<RecordMetadata> {
    return this.#part(() => {
      if (options !== undefined && typeof options !== 'object') throw notOptions(topicDefinitionOf(topic).name, options)
      return this.#parts.send(topic, { ...options, value })
    })
  }

  /** Sends many records, given as values or as messages; see {@link Producer.sendBatch}. */
  sendBatch<V, K = string>(
    topic: TopicLike<V, K>,
    batch: readonly V[] | readonly Message<V, K>[],
  ): Promise<RecordMetadata[]> {
    return this.#part(async () => {
      const { name } = topicDefinitionOf(topic)
      if (!Array.isArray(batch)) throw notList(name, batch)
      const sends = messagesOf<V, K>(batch).map((message) => this.#parts.send(topic, message))
      const results = await Promise.allSettled(sends)
      if (results.every((result) => result.status === 'fulfilled')) return results.map(({ value }) => value)
      // Report a fenced producer before anything else: it ends the whole transaction.
      const reasons = results.map((result): unknown => (result.status === 'rejected' ? result.reason : undefined))
      const fenced = reasons.find((reason) => ProducerFencedError.is(reason))
      throw fenced ?? new BatchDeliveryError(name, results)
    })
  }

  /**
   * Commits offsets as a part of the transaction (Kafka: sendOffsetsToTransaction): a record counts as processed
   * exactly when its results count as written. From the first call on, the consumer commits nothing by itself.
   *
   * @param source a consumer: everything that it has given out, including the current record; or records: these and all
   *   before them
   * @throws RebalanceInProgressError or MemberFencedError when other members own the partitions now and read these
   *   records again
   */
  commitOffsets(source: OffsetsOf): Promise<void> {
    return this.#part(async () => {
      const read = await Promise.allSettled(offsetsOf(source))
      // Include consumers whose offsets fail later: each waits for the end of the offsets that it gave.
      const offsets = read.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      this.#committing.push(...offsets)
      for (const one of read) if (one.status === 'rejected') throw one.reason
      for (const one of offsets) await this.#parts.manager.commitOffsets(one)
    })
  }

  /** @internal waits for everything begun in the transaction, awaited by the body or not */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }

  /** @internal refuses further operations */
  end(): void {
    this.#isOver = true
    this.#timer?.cancel()
  }

  /** @internal whether it was given up because an answer did not come in its time */
  get isOverdue(): boolean {
    return this.#isOverdue
  }

  /** @internal tells the consumers that their offsets are committed */
  committed(): void {
    for (const offsets of this.#committing) offsets.onCommitted()
  }

  /** @internal tells the consumers that their offsets do not count, or that the outcome is unknown */
  aborted(): void {
    for (const offsets of this.#committing) offsets.onAborted()
  }

  /** @internal whether the error comes from an operation of the transaction, and not from other code of the body */
  hasFailedBy(error: unknown): boolean {
    return this.#failures.some(
      (failure) =>
        failure === error ||
        (failure instanceof BatchDeliveryError &&
          failure.results.some((result) => result.status === 'rejected' && result.reason === error)),
    )
  }

  /** @param isOptional whether the transaction can continue after this error */
  #part<T>(act: () => Promise<T>, isOptional: (error: unknown) => boolean = () => false): Promise<T> {
    if (this.#isOver) {
      return Promise.reject(
        new InvalidRequestError(
          `the transaction of '${this.id}' is over: await everything that belongs to it within its body`,
        ),
      )
    }
    const acting = started(act)
    this.#pending.add(acting)
    this.#watch()
    acting.then(
      () => {
        this.#pending.delete(acting)
        this.#parts.manager.taken()
      },
      (error: unknown) => {
        this.#pending.delete(acting)
        if (isOptional(error)) return
        this.#failures.push(error)
        this.#parts.manager.fail(error)
      },
    )
    return acting
  }

  /** By the time that is looked at, the server has aborted it, or will now: whatever is still pending is in vain. */
  #watch(): void {
    const { manager, clock, patienceMs } = this.#parts
    if (patienceMs === Infinity) return
    this.#timer ??= clock.schedule(patienceMs, () => {
      this.#timer = undefined
      if (this.#pending.size === 0) return
      this.#isOverdue = true
      manager.fail(new TimeoutError(`no answer came within the ${patienceMs} ms of its timeout`, { outcome: 'failed' }))
    })
  }
}

type Taker = Pick<TransactionParts, 'manager' | 'send'>

/** The package's own access to a transaction's parts; user code has no need of it. */
const takers = /* @__PURE__ */ new WeakMap<Transaction, Taker>()

/**
 * Sends a record that the transaction can do without. If the record itself is refused, the transaction continues
 * without it; {@link isWhole} tells whether anything else was lost.
 */
export function offer<V, K = string>(
  transaction: Transaction,
  topic: TopicLike<V, K>,
  message: Message<V, K>,
): Promise<RecordMetadata> {
  return takerOf(transaction).send(topic, message)
}

/** Whether a transaction can still be committed. */
export function isWhole(transaction: Transaction): boolean {
  return takerOf(transaction).manager.failure === undefined
}

function takerOf(transaction: Transaction): Taker {
  return takers.get(transaction) as Taker
}

/** A transaction that writes to one topic. */
export class TopicTransaction<V = unknown, K = string> {
  readonly #transaction: Transaction
  readonly #topic: TopicLike<V, K>

  /** @internal it comes from a TransactionalProducer */
  constructor(transaction: Transaction, topic: TopicLike<V, K>) {
    this.#transaction = transaction
    this.#topic = topic
  }

  /** See {@link Transaction.id}. */
  get id(): string {
    return this.#transaction.id
  }

  /** See {@link Transaction.send}. */
  send(value: V | null, options?: RecordOptions<K>): Promise<RecordMetadata> {
    return this.#transaction.send(this.#topic, value, options)
  }

  /** See {@link Transaction.sendBatch}. */
  sendBatch(batch: readonly V[] | readonly Message<V, K>[]): Promise<RecordMetadata[]> {
    return this.#transaction.sendBatch(this.#topic, batch)
  }

  /** See {@link Transaction.commitOffsets}. */
  commitOffsets(source: OffsetsOf): Promise<void> {
    return this.#transaction.commitOffsets(source)
  }
}

/** Turns an immediate error, such as a bad topic name, into a rejection like any other. */
function started<T>(act: () => Promise<T>): Promise<T> {
  try {
    return act()
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

/** The offsets of each reader. The transaction later tells each reader what became of them. */
function offsetsOf(source: OffsetsOf): Promise<TransactionOffsets>[] {
  if (isReader(source)) return [source.offsetsForTransaction()]
  if (!Array.isArray(source) || !source.every((record) => record instanceof KafkaRecord))
    throw new InvalidRequestError(
      `commitOffsets needs a consumer, or a list of records that were read by one, got ${showTyped(source)}`,
    )
  const byReader = Map.groupBy(source, (record) => sourceOf(record).reader)
  const [unread] = byReader.get(undefined) ?? []
  if (unread) {
    const { topic, partition, offset } = unread
    throw new InvalidRequestError(
      `topic '${topic}' partition ${partition} offset ${offset}: the record was not read by a consumer, ` +
        'so there is no offset to commit',
    )
  }
  return [...byReader].flatMap(([reader, records]) => reader?.offsetsForTransaction(records) ?? [])
}

function isReader(source: OffsetsOf): source is TransactionalReader {
  return isObject(source) && typeof source['offsetsForTransaction'] === 'function'
}
