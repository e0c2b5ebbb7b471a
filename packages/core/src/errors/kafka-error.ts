import { codeOf, kafkaNameOf, type KafkaErrorName } from './error-codes.ts'

/**
 * The effect of a failed call: `failed` means that nothing was changed; `unknown` means that the call may have been
 * carried out although no answer came.
 */
export type Outcome = 'failed' | 'unknown'

export interface KafkaErrorOptions {
  /** A stable name for programs; by default the class's. */
  code?: string | undefined
  /** Kafka's name of the error, if Kafka has one; by default the class's. */
  kafkaName?: KafkaErrorName | undefined
  /** The error's number in the Kafka protocol, if only that is known; `kafkaName` takes precedence. */
  kafkaCode?: number | undefined
  /** Whether the same call may succeed if it is made again. */
  retriable?: boolean | undefined
  outcome?: Outcome | undefined
  /** How long the server asks to wait before the next attempt, in milliseconds. */
  retryAfterMs?: number | undefined
  cause?: unknown
}

type Traits = Pick<KafkaErrorOptions, 'kafkaName' | 'retriable' | 'outcome'>

const marker = Symbol.for('kafkado.KafkaError')

/**
 * The base class of every error that kafkado throws on purpose. Your own classes may extend it, or one of its classes.
 * If such an error says `unknown` and its call has written nothing, the call throws an error that says `failed`, with
 * yours as its `cause`.
 */
export class KafkaError extends Error {
  static readonly code: string = 'KAFKA_ERROR'
  /** The defaults for errors of this class. */
  static readonly traits: Traits = {}

  /** A stable name for programs: the class's, or Kafka's name if the error has no class of its own. */
  readonly code: string
  /**
   * Kafka's name of the error, such as `STALE_MEMBER_EPOCH`; test it with `isKafkaError()`. Undefined if Kafka has
   * none.
   */
  readonly kafkaName: KafkaErrorName | undefined
  /** Kafka's number of the error. A newer server may send a number without a `kafkaName` here. */
  readonly kafkaCode: number | undefined
  readonly retriable: boolean
  readonly outcome: Outcome
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: KafkaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    const { code, traits } = new.target
    this.code = options.code ?? code
    this.kafkaName =
      options.kafkaName ?? (options.kafkaCode === undefined ? traits.kafkaName : kafkaNameOf(options.kafkaCode))
    this.kafkaCode = this.kafkaName === undefined ? options.kafkaCode : codeOf(this.kafkaName)
    this.retriable = options.retriable ?? traits.retriable ?? false
    this.outcome = options.outcome ?? traits.outcome ?? 'failed'
    this.retryAfterMs = options.retryAfterMs
    // Minifiers shorten class names, so the name comes from the code, which they leave alone.
    Object.defineProperty(this, 'name', { value: nameOf(code), configurable: true, writable: true })
    Object.defineProperty(this, marker, { value: code })
  }

  /**
   * Whether a value is an error of this class. Unlike `instanceof`, it works when two copies of the package are
   * installed.
   */
  static is<T extends KafkaError>(this: new (...parameters: never[]) => T, value: unknown): value is T {
    if (value instanceof this) return true
    if (typeof value !== 'object' || value === null || !(marker in value)) return false
    const own = (this as unknown as typeof KafkaError).code
    return own === KafkaError.code || value[marker] === own
  }
}

/**
 * Whether a value is a KafkaError with one of these names of Kafka: `isKafkaError(error, 'STALE_MEMBER_EPOCH')`. It
 * works when two copies of the package are installed.
 */
export function isKafkaError<Name extends KafkaErrorName>(
  value: unknown,
  ...names: readonly [Name, ...Name[]]
): value is KafkaError & { readonly kafkaName: Name; readonly kafkaCode: number } {
  return KafkaError.is(value) && names.some((name) => name === value.kafkaName)
}

/** Whether the failed call may have been carried out, judging by its error. */
export function hasUnknownOutcome(error: unknown): boolean {
  return KafkaError.is(error) && error.outcome === 'unknown'
}

/** The code of the error's class; the error's own code may differ. */
export function classCodeOf(error: KafkaError): string {
  return marker in error ? String(error[marker]) : error.code
}

function nameOf(code: string): string {
  if (code === 'KAFKA_ERROR') return 'KafkaError'
  return `${code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Error`
}

/** The topic does not exist, and was not created on first use. */
export class TopicNotFoundError extends KafkaError {
  static override readonly code = 'TOPIC_NOT_FOUND'
  static override readonly traits: Traits = { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' }
}

/** The topic exists, but has no partition of that number. */
export class PartitionNotFoundError extends KafkaError {
  static override readonly code = 'PARTITION_NOT_FOUND'
  static override readonly traits: Traits = { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' }
}

/** A message or batch is larger than the topic, the server or the producer allows. */
export class MessageTooLargeError extends KafkaError {
  static override readonly code = 'MESSAGE_TOO_LARGE'
  static override readonly traits: Traits = { kafkaName: 'MESSAGE_TOO_LARGE' }
}

/** The partition's leader has moved, or is just being elected. */
export class NotLeaderError extends KafkaError {
  static override readonly code = 'NOT_LEADER'
  static override readonly traits: Traits = { kafkaName: 'NOT_LEADER_OR_FOLLOWER', retriable: true }
}

/** The requested offset lies outside the log; the message names where the log begins and ends. */
export class OffsetOutOfRangeError extends KafkaError {
  static override readonly code = 'OFFSET_OUT_OF_RANGE'
  static override readonly traits: Traits = { kafkaName: 'OFFSET_OUT_OF_RANGE' }
}

/** The coordinator of a group or transaction is missing, moving or loading. */
export class GroupCoordinatorError extends KafkaError {
  static override readonly code = 'GROUP_COORDINATOR'
  static override readonly traits: Traits = { kafkaName: 'COORDINATOR_NOT_AVAILABLE', retriable: true }
}

/** The group is moving partitions between its members. */
export class RebalanceInProgressError extends KafkaError {
  static override readonly code = 'REBALANCE_IN_PROGRESS'
  static override readonly traits: Traits = { kafkaName: 'REBALANCE_IN_PROGRESS', retriable: true }
}

/** The API key is missing, wrong, expired, or not allowed to do this. */
export class UnauthorizedError extends KafkaError {
  static override readonly code = 'UNAUTHORIZED'
  static override readonly traits: Traits = { kafkaName: 'TOPIC_AUTHORIZATION_FAILED' }
}

/** A quota is used up; `retryAfterMs` says when to come back. */
export class QuotaExceededError extends KafkaError {
  static override readonly code = 'QUOTA_EXCEEDED'
  static override readonly traits: Traits = { kafkaName: 'THROTTLING_QUOTA_EXCEEDED', retriable: true }
}

/** No answer came in time; whether the call was carried out is unknown. */
export class TimeoutError extends KafkaError {
  static override readonly code = 'TIMEOUT'
  static override readonly traits: Traits = { kafkaName: 'REQUEST_TIMED_OUT', retriable: true, outcome: 'unknown' }
}

/** The connection could not be made, or broke before the answer; or the client was closed. */
export class DisconnectedError extends KafkaError {
  static override readonly code = 'DISCONNECTED'
  static override readonly traits: Traits = { kafkaName: 'NETWORK_EXCEPTION', retriable: true, outcome: 'unknown' }
}

/** A key or value could not be written, read or validated. */
export class SerializationError extends KafkaError {
  static override readonly code = 'SERIALIZATION'
}

/** An argument, an option or a request is not valid; the message says which and what is expected. */
export class InvalidRequestError extends KafkaError {
  static override readonly code = 'INVALID_REQUEST'
  static override readonly traits: Traits = { kafkaName: 'INVALID_REQUEST' }
}

/** The topic to be created already exists. */
export class AlreadyExistsError extends KafkaError {
  static override readonly code = 'ALREADY_EXISTS'
  static override readonly traits: Traits = { kafkaName: 'TOPIC_ALREADY_EXISTS' }
}

/** A newer producer with the same transactional id, or the transaction's timeout, has shut this one out. */
export class ProducerFencedError extends KafkaError {
  static override readonly code = 'PRODUCER_FENCED'
  static override readonly traits: Traits = { kafkaName: 'PRODUCER_FENCED' }
}

/** The transaction was aborted; none of its records or offsets count. */
export class TransactionAbortedError extends KafkaError {
  static override readonly code = 'TRANSACTION_ABORTED'
  static override readonly traits: Traits = { kafkaName: 'TRANSACTION_ABORTABLE' }
}

/** The group has continued without this member, which must join again and owns no partitions. */
export class MemberFencedError extends KafkaError {
  static override readonly code = 'MEMBER_FENCED'
  static override readonly traits: Traits = { kafkaName: 'FENCED_MEMBER_EPOCH' }
}

/** The engine's storage refused or failed; the message names the file or folder. */
export class StorageError extends KafkaError {
  static override readonly code = 'STORAGE'
  static override readonly traits: Traits = { kafkaName: 'KAFKA_STORAGE_ERROR' }
}
