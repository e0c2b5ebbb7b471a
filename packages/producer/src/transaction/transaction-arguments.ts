import { type Duration, InvalidRequestError, type TopicLike } from '@kafkado/core'
import { type ConfigFields, durationField, objectWith, parseConfig, topicDefinitionOf } from '@kafkado/core/internal'
import { TopicTransaction, type Transaction } from './transaction.ts'

export interface TransactionRunOptions {
  /**
   * How long the transaction may stay open before the server aborts it, and the longest that `transaction()` waits for
   * each answer: to its begin, its sends and its commit. Default: the producer's `transactionTimeout`, 1 minute; then
   * answers have until `deliveryTimeout`. Lower it where somebody waits for the result. Raise it for a transaction that
   * works longer than that between its first send and the commit. Kafka: transaction.timeout.ms.
   */
  timeout?: Duration | undefined
  /**
   * Aborts the transaction, if this signal aborts before the commit has begun. Default: none. Set it to end the
   * transaction together with the request that caused it.
   */
  signal?: AbortSignal | undefined
}

export type TransactionBody<T> = (tx: Transaction) => Promise<T>

/** The arguments of `transaction()`: a body, or a topic and a body; then options. */
export type TransactionArguments = [unknown, unknown?, unknown?]

/** @throws InvalidRequestError when there is no body, or an option is not valid */
export function readArguments<T>([first, second, third]: TransactionArguments): [
  body: TransactionBody<T>,
  options: TransactionRunOptions,
] {
  if (typeof first === 'function') return [first as TransactionBody<T>, optionsOf(second)]
  if (typeof second !== 'function')
    throw new InvalidRequestError('transaction() needs a function that sends the records of the transaction')
  const topic = topicDefinitionOf(first as TopicLike<never, never>)
  return [(transaction) => second(new TopicTransaction(transaction, topic)) as Promise<T>, optionsOf(third)]
}

const optionFields: ConfigFields<TransactionRunOptions> = {
  timeout: durationField(),
  signal: objectWith('throwIfAborted', 'addEventListener'),
}

function optionsOf(given: unknown): TransactionRunOptions {
  return parseConfig('transaction', optionFields, given ?? {})
}
