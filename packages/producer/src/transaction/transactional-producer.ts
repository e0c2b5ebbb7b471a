import {
  DisconnectedError,
  KafkaError,
  ProducerFencedError,
  type TopicLike,
  TransactionAbortedError,
} from '@kafkado/core'
import {
  LongLivedAbortController,
  diagnosticChannel,
  followingAll,
  toMilliseconds,
  topicDefinitionOf,
  TransactionScope,
  withOutcome,
} from '@kafkado/core/internal'
import type { ProducerSettings } from '../settings/producer-config.ts'
import { ClosingLimit } from './closing-limit.ts'
import type { TopicWriters } from './topic-writers.ts'
import { type TopicTransaction, Transaction } from './transaction.ts'
import {
  readArguments,
  type TransactionArguments,
  type TransactionBody,
  type TransactionRunOptions,
} from './transaction-arguments.ts'
import type { TransactionManager } from './transaction-manager.ts'

export type TransactionalSettings = ProducerSettings & { readonly transactionalId: string }

/** When the timeout is over, the server has aborted the transaction or is about to. */
const mostLateAbortMs = 1000

/** Published for each transaction on the channel `kafkado:producer:transaction` of `node:diagnostics_channel`. */
export interface TransactionEvent {
  readonly transactionalId: string
  readonly outcome: 'committed' | 'aborted' | 'unknown'
  readonly durationMs: number
  readonly error: unknown
}

/**
 * Writes to any topic in transactions, one after the other. A second producer with the same transactional id, in any
 * process, fences this one. Made by {@link createTransactionalProducer}.
 */
export class TransactionalProducer implements AsyncDisposable {
  readonly #settings: TransactionalSettings
  readonly #manager: TransactionManager
  readonly #writers: TopicWriters
  #last: Promise<unknown> = Promise.resolve()
  readonly #closing = new LongLivedAbortController()
  /** When the last abort begins, once the producer is closing. */
  #closeByMs = Infinity
  #closed: Promise<void> | undefined

  /** @internal use {@link createTransactionalProducer} */
  constructor(settings: TransactionalSettings, manager: TransactionManager, writers: TopicWriters) {
    this.#settings = settings
    this.#manager = manager
    this.#writers = writers
  }

  get transactionalId(): string {
    return this.#manager.transactionalId
  }

  /**
   * Runs the body in a transaction and commits what it sent when it resolves. The transaction is aborted when the body
   * throws, or when an operation in it failed. A second call waits for the first, so do not call it within the body.
   *
   * @param topic the only topic to write to, by `tx.send(value)`; without it, `tx.send(topic, value)` writes to any
   *   topic
   * @returns what the body returns
   * @throws the body's error; its outcome is `failed` when it comes from an operation of the transaction and the server
   *   has aborted that. TransactionAbortedError when a send failed and the body did not throw its error.
   *   ProducerFencedError when another producer has the transactional id, or the transaction took longer than its
   *   timeout. TimeoutError when the transaction could not begin within the call's `timeout`. A KafkaError with the
   *   outcome `unknown` when nobody can tell whether it was committed.
   */
  transaction<T>(body: TransactionBody<T>, options?: TransactionRunOptions): Promise<T>
  transaction<V, K, T>(
    topic: TopicLike<V, K>,
    body: (tx: TopicTransaction<V, K>) => Promise<T>,
    options?: TransactionRunOptions,
  ): Promise<T>
  transaction<T>(...given: TransactionArguments): Promise<T> {
    const [body, options] = readArguments<T>(given)
    if (this.#closing.signal.aborted) return Promise.reject(this.#isClosed())
    const running = this.#last.then(() => this.#run(body, options))
    this.#last = running.catch(() => undefined)
    return running
  }

  /**
   * Waits for the transactions that have begun, and ends within `closeTimeout`. It stops waiting for one earlier when
   * that one's timeout is over, whether for the body or for the server. What has not ended by then is aborted, or its
   * outcome is `unknown`, and `transaction()` rejects. You may call it more than once.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { runtime, closeTimeoutMs } = this.#settings
    this.#closeByMs = runtime.clock.monotonic() + closeTimeoutMs - this.#lateAbortMs
    this.#closing.abort()
    await this.#last
    await this.#writers.close()
  }

  /** How long the abort may take of a transaction whose time is over. */
  get #lateAbortMs(): number {
    return Math.min(mostLateAbortMs, this.#settings.closeTimeoutMs / 4)
  }

  async #run<T>(body: TransactionBody<T>, options: TransactionRunOptions): Promise<T> {
    options.signal?.throwIfAborted()
    const { runtime, transactionTimeoutMs } = this.#settings
    const { timeout } = options
    const timeoutMs = timeout === undefined ? transactionTimeoutMs : toMilliseconds(timeout, 'timeout')
    const overMs = runtime.clock.monotonic() + timeoutMs
    const limit = new ClosingLimit(
      runtime.clock,
      this.#closing.signal,
      () => Math.min(overMs, this.#closeByMs),
      () => this.#isClosed(),
    )
    try {
      limit.signal.throwIfAborted()
      return await this.#runWithin(limit, timeoutMs, body, options)
    } finally {
      limit.end()
    }
  }

  async #runWithin<T>(
    limit: ClosingLimit,
    timeoutMs: number,
    body: TransactionBody<T>,
    { timeout, signal }: TransactionRunOptions,
  ): Promise<T> {
    const { clock } = this.#settings.runtime
    const startedMs = clock.monotonic()
    const patienceMs = timeout === undefined ? Infinity : timeoutMs
    await followingAll((over) => this.#manager.begin(timeoutMs, patienceMs, over), {
      clock,
      signals: [signal, limit.signal],
    })
    const scope = new TransactionScope()
    const transaction = new Transaction({
      manager: this.#manager,
      clock,
      patienceMs,
      send: (topic, message) => {
        const definition = topicDefinitionOf(topic)
        return this.#writers.of(definition.name).send(definition, message)
      },
    })
    const publish = (outcome: TransactionEvent['outcome'], error?: unknown): void => {
      const { transactionalId } = this
      const event: TransactionEvent = {
        transactionalId,
        outcome,
        durationMs: clock.monotonic() - startedMs,
        error,
      }
      diagnosticChannel('kafkado:producer:transaction').publish(event)
    }
    let result: T
    try {
      // A body written in JavaScript may return a plain value.
      result = await limit.orOver(Promise.resolve(scope.run(() => body(transaction))))
      await limit.orOver(transaction.settle())
      transaction.end()
      signal?.throwIfAborted()
      this.#requireWhole()
    } catch (error) {
      transaction.end()
      this.#manager.fail(error)
      await transaction.settle()
      const isLate = limit.signal.aborted || transaction.isOverdue
      const isAborted = await this.#manager.abort(limit.signal, isLate ? this.#lateAbortMs : undefined)
      transaction.aborted()
      await scope.end(false)
      // The abort undid everything that was written. The outcome of other work in the body is not known here.
      const isFailed = isAborted && KafkaError.is(error) && transaction.hasFailedBy(error)
      const told = isFailed ? withOutcome(error, 'failed') : error
      publish('aborted', told)
      throw told
    }
    try {
      await this.#manager.commit(limit.signal)
    } catch (error) {
      const isUnknown = (error as Partial<KafkaError>).outcome === 'unknown'
      transaction.aborted()
      await scope.end(false)
      publish(isUnknown ? 'unknown' : 'aborted', error)
      throw error
    }
    transaction.committed()
    await scope.end(true)
    publish('committed')
    this.#writers.letGo()
    return result
  }

  #isClosed(): DisconnectedError {
    return new DisconnectedError(`the producer of '${this.transactionalId}' is closed`, {
      retriable: false,
      outcome: 'failed',
    })
  }

  #requireWhole(): void {
    const { failure } = this.#manager
    if (failure === undefined) return
    if (ProducerFencedError.is(failure)) throw failure
    const detail = String((failure as Partial<Error>).message)
    throw new TransactionAbortedError(
      `the transaction of '${this.transactionalId}' was aborted because a part of it failed: ${detail}`,
      { cause: failure },
    )
  }
}
