import { type Duration, InvalidRequestError, type TopicLike } from '@kafkado/core'
import { type ConfigFields, durationField, objectWith, parseConfig, topicDefinitionOf } from '@kafkado/core/internal'
import { TopicTransaction, type Transaction } from './transaction.ts'

export interface TransactionRunOptions {
  /**
   * How long the transaction may take: after this time the server aborts it, and `transaction()` waits so long at most
   * for each answer: to its begin, to what is sent in it, to its commit. Default that of the producer for the server, 1
   * minute; answers are waited for until `deliveryTimeout` then. Lower it where somebody waits for the result; raise it
   * above the time that the body takes after its first send. Kafka: transaction.timeout.ms.
   */
  timeout?: Duration | undefined
  /** Aborts the transaction if it aborts before the commit has begun. */
  signal?: AbortSignal | undefined
}

export type TransactionBody<T> = (tx: Transaction) => Promise<T>

/** What `transaction()` may be called with: a body, or a topic and a body, and options. */
export type TransactionArguments = [unknown, unknown?, unknown?]

/** @throws InvalidRequestError when there is no body, or an option is not valid */
export function readArguments<T>([first, second, third]: TransactionArguments): [
  body: TransactionBody<T>,
  options: TransactionRunOptions,
] {
  if (typeof first === 'function') return [first as TransactionBody<T>, optionsOf(second)]
  if (typeof second !== 'function')
    throw new InvalidRequestError('transaction() needs a function that sends what belongs together')
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
