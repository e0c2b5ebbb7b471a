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

/** What a transaction needs of the producer that carries it out. */
export interface TransactionParts {
  readonly manager: TransactionManager
  readonly clock: Clock
  /** How long an answer to something of it is waited for. */
  readonly patienceMs: number
  send<V, K>(topic: TopicLike<V, K>, message: Message<V, K>): Promise<RecordMetadata>
}

/** Who a transaction commits offsets for: a consumer, for all that it has given out, or records that were processed. */
export type OffsetsOf = TransactionalReader | readonly AnyKafkaRecord[]

/**
 * What happens in it counts together, or not at all. Given to the body of a `transaction()`, and over when that has
 * ended.
 */
export class Transaction {
  readonly #parts: TransactionParts
  readonly #committing: TransactionOffsets[] = []
  readonly #pending = new Set<Promise<unknown>>()
  readonly #failures: unknown[] = []
  #isOver = false
  #isOverdue = false
  #timer: Timer | undefined

  /** @internal it comes from a TransactionalProducer */
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
   * Sends a record. Readers with `read_committed` see it when the transaction is committed. A send that fails, awaited
   * or not, lets the transaction be aborted.
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
      // Who is shut out has to know that before anything else; the whole transaction is over anyway.
      const reasons = results.map((result): unknown => (result.status === 'rejected' ? result.reason : undefined))
      const fenced = reasons.find((reason) => ProducerFencedError.is(reason))
      throw fenced ?? new BatchDeliveryError(name, results)
    })
  }

  /**
   * Commits what was read as a part of the transaction (Kafka: sendOffsetsToTransaction), so that a record counts as
   * processed just when its results count as written. From the first call on the consumer commits nothing by itself.
   *
   * @param source a consumer: everything that it has given out, the record in hand included; or records: these and all
   *   before them
   * @throws RebalanceInProgressError or MemberFencedError when others own the partitions now, which read these records
   *   again
   */
  commitOffsets(source: OffsetsOf): Promise<void> {
    return this.#part(async () => {
      const read = await Promise.allSettled(offsetsOf(source))
      // Also of those that go no further, as a consumer waits for the end of what it has given offsets for.
      const offsets = read.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      this.#committing.push(...offsets)
      for (const one of read) if (one.status === 'rejected') throw one.reason
      for (const one of offsets) await this.#parts.manager.commitOffsets(one)
    })
  }

  /** @internal waits for what was begun in it, also for what nobody awaited */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }

  /** @internal nothing more can be done in it */
  end(): void {
    this.#isOver = true
    this.#timer?.cancel()
  }

  /** @internal whether it was given up because an answer did not come in its time */
  get isOverdue(): boolean {
    return this.#isOverdue
  }

  /** @internal tells consumers what now is committed */
  committed(): void {
    for (const offsets of this.#committing) offsets.onCommitted()
  }

  /** @internal tells consumers that nothing of it counts, or that nobody knows */
  aborted(): void {
    for (const offsets of this.#committing) offsets.onAborted()
  }

  /** @internal whether it is how something in it failed, and not what else the body did */
  hasFailedBy(error: unknown): boolean {
    return this.#failures.some(
      (failure) =>
        failure === error ||
        (failure instanceof BatchDeliveryError &&
          failure.results.some((result) => result.status === 'rejected' && result.reason === error)),
    )
  }

  /** @param isOptional whether the transaction can go on although it failed like this */
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

/** What is offered to a transaction it takes by these; bodies of users have no use for them. */
const takers = /* @__PURE__ */ new WeakMap<Transaction, Taker>()

/**
 * Sends a record that the transaction may do without: one that is refused because of what it is has no part in it, and
 * nothing else of it is lost, as long as {@link isWhole} says so.
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

/** What is refused at once, as a topic whose name is none, rejects as everything else does. */
function started<T>(act: () => Promise<T>): Promise<T> {
  try {
    return act()
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

/** What each of the readers gives, for which the transaction has to say in the end what became of it. */
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
      `topic '${topic}' partition ${partition} offset ${offset}: the record was not read by a consumer, so there ` +
        'is no offset to commit',
    )
  }
  return [...byReader].flatMap(([reader, records]) => reader?.offsetsForTransaction(records) ?? [])
}

function isReader(source: OffsetsOf): source is TransactionalReader {
  return isObject(source) && typeof source['offsetsForTransaction'] === 'function'
}
