import { codeOf, kafkaNameOf, type KafkaErrorName } from './error-codes.ts'

/**
 * What is known of the effect of a failed call: `failed` means that nothing was changed, `unknown` that it may have
 * been carried out although no answer came.
 */
export type Outcome = 'failed' | 'unknown'

export interface KafkaErrorOptions {
  /** A stable name for programs; by default that of the class. */
  code?: string | undefined
  /** Kafka's name of the error, where it is one of Kafka's; by default that of the class. */
  kafkaName?: KafkaErrorName | undefined
  /** The number of the error in the Kafka protocol, where only that is known; `kafkaName` goes first. */
  kafkaCode?: number | undefined
  /** Whether the same call may succeed when made again. */
  retriable?: boolean | undefined
  outcome?: Outcome | undefined
  /** How long the server asks to wait before the next attempt, in milliseconds. */
  retryAfterMs?: number | undefined
  cause?: unknown
}

type Traits = Pick<KafkaErrorOptions, 'kafkaName' | 'retriable' | 'outcome'>

const marker = Symbol.for('kafkado.KafkaError')

/**
 * The root of every error that kafkado throws on purpose. A class of your own may extend it, or one of its classes:
 * where a call fails with such an error although nothing was written, and the error says `unknown`, it is the `cause`
 * of one that says `failed`.
 */
export class KafkaError extends Error {
  static readonly code: string = 'KAFKA_ERROR'
  /** What an error of the class is, unless the one who makes it knows better. */
  static readonly traits: Traits = {}

  /** A stable name for programs: that of the class, or Kafka's where no class stands for the error. */
  readonly code: string
  /**
   * Kafka's name of the error, as in `STALE_MEMBER_EPOCH`; `isKafkaError()` asks for it. Undefined where Kafka has
   * none.
   */
  readonly kafkaName: KafkaErrorName | undefined
  /** Kafka's number of the error. A newer server may answer one that has no `kafkaName` here. */
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
    // Minifiers shorten class names, so the name is set from the code, which they leave alone.
    Object.defineProperty(this, 'name', { value: nameOf(code), configurable: true, writable: true })
    Object.defineProperty(this, marker, { value: code })
  }

  /**
   * Whether a value is an error of this class, also where two copies of the package are installed and `instanceof`
   * cannot tell.
   */
  static is<T extends KafkaError>(this: new (...parameters: never[]) => T, value: unknown): value is T {
    if (value instanceof this) return true
    if (typeof value !== 'object' || value === null || !(marker in value)) return false
    const own = (this as unknown as typeof KafkaError).code
    return own === KafkaError.code || value[marker] === own
  }
}

/**
 * Whether a value is a KafkaError that Kafka calls by one of these names: `isKafkaError(error, 'STALE_MEMBER_EPOCH')`.
 * Also where two copies of the package are installed.
 */
export function isKafkaError<Name extends KafkaErrorName>(
  value: unknown,
  ...names: readonly [Name, ...Name[]]
): value is KafkaError & { readonly kafkaName: Name; readonly kafkaCode: number } {
  return KafkaError.is(value) && names.some((name) => name === value.kafkaName)
}

/** Whether what was asked for may have been carried out, for all that the error says. */
export function hasUnknownOutcome(error: unknown): boolean {
  return KafkaError.is(error) && error.outcome === 'unknown'
}

/** The code of the class of an error, which its own may differ from. */
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

/** A message or batch is larger than the topic, the server or the producer takes. */
export class MessageTooLargeError extends KafkaError {
  static override readonly code = 'MESSAGE_TOO_LARGE'
  static override readonly traits: Traits = { kafkaName: 'MESSAGE_TOO_LARGE' }
}

/** The partition's leader has moved, or is just being elected. */
export class NotLeaderError extends KafkaError {
  static override readonly code = 'NOT_LEADER'
  static override readonly traits: Traits = { kafkaName: 'NOT_LEADER_OR_FOLLOWER', retriable: true }
}

/** The offset asked for lies outside the log; the message names where the log begins and ends. */
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

/** The topic to be created is there already. */
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

/** The group has gone on without this member, which must join again with no partitions. */
export class MemberFencedError extends KafkaError {
  static override readonly code = 'MEMBER_FENCED'
  static override readonly traits: Traits = { kafkaName: 'FENCED_MEMBER_EPOCH' }
}

/** The engine's storage refused or failed; the message names the file or folder. */
export class StorageError extends KafkaError {
  static override readonly code = 'STORAGE'
  static override readonly traits: Traits = { kafkaName: 'KAFKA_STORAGE_ERROR' }
}
