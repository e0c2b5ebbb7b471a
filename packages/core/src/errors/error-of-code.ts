import type { KafkaErrorClass } from './error-classes.ts'
import { codeOf, errorCodeOf, type KafkaErrorName } from './error-codes.ts'
import {
  AlreadyExistsError,
  GroupCoordinatorError,
  InvalidRequestError,
  KafkaError,
  type KafkaErrorOptions,
  MemberFencedError,
  MessageTooLargeError,
  NotLeaderError,
  OffsetOutOfRangeError,
  PartitionNotFoundError,
  ProducerFencedError,
  QuotaExceededError,
  RebalanceInProgressError,
  StorageError,
  TimeoutError,
  DisconnectedError,
  TopicNotFoundError,
  TransactionAbortedError,
  UnauthorizedError,
} from './kafka-error.ts'

/**
 * Which class stands for which of Kafka's errors; a name that is missing is a plain KafkaError with Kafka's name as
 * code.
 */
const classOf: Partial<Record<KafkaErrorName, KafkaErrorClass>> = {
  OFFSET_OUT_OF_RANGE: OffsetOutOfRangeError,
  UNKNOWN_TOPIC_OR_PARTITION: TopicNotFoundError,
  UNKNOWN_TOPIC_ID: TopicNotFoundError,
  LEADER_NOT_AVAILABLE: NotLeaderError,
  NOT_LEADER_OR_FOLLOWER: NotLeaderError,
  FENCED_LEADER_EPOCH: NotLeaderError,
  UNKNOWN_LEADER_EPOCH: NotLeaderError,
  REQUEST_TIMED_OUT: TimeoutError,
  MESSAGE_TOO_LARGE: MessageTooLargeError,
  RECORD_LIST_TOO_LARGE: MessageTooLargeError,
  NETWORK_EXCEPTION: DisconnectedError,
  COORDINATOR_LOAD_IN_PROGRESS: GroupCoordinatorError,
  COORDINATOR_NOT_AVAILABLE: GroupCoordinatorError,
  NOT_COORDINATOR: GroupCoordinatorError,
  REBALANCE_IN_PROGRESS: RebalanceInProgressError,
  TOPIC_AUTHORIZATION_FAILED: UnauthorizedError,
  GROUP_AUTHORIZATION_FAILED: UnauthorizedError,
  CLUSTER_AUTHORIZATION_FAILED: UnauthorizedError,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: UnauthorizedError,
  SASL_AUTHENTICATION_FAILED: UnauthorizedError,
  TOPIC_ALREADY_EXISTS: AlreadyExistsError,
  KAFKA_STORAGE_ERROR: StorageError,
  THROTTLING_QUOTA_EXCEEDED: QuotaExceededError,
  INVALID_PRODUCER_EPOCH: ProducerFencedError,
  PRODUCER_FENCED: ProducerFencedError,
  TRANSACTION_ABORTABLE: TransactionAbortedError,
  UNKNOWN_MEMBER_ID: MemberFencedError,
  FENCED_MEMBER_EPOCH: MemberFencedError,
  FENCED_INSTANCE_ID: MemberFencedError,
  INVALID_TOPIC_EXCEPTION: InvalidRequestError,
  INVALID_GROUP_ID: InvalidRequestError,
  INVALID_CONFIG: InvalidRequestError,
  INVALID_PARTITIONS: InvalidRequestError,
  INVALID_REPLICATION_FACTOR: InvalidRequestError,
  INVALID_REQUEST: InvalidRequestError,
  INVALID_RECORD: InvalidRequestError,
  INVALID_TIMESTAMP: InvalidRequestError,
}

export interface ErrorSubject {
  topic?: string | undefined
  partition?: number | undefined
  /** What the server said; without it the message is the error's name. */
  detail?: string | null | undefined
}

/**
 * The error object for one of Kafka's codes, naming what it was about.
 *
 * @param code a number from a response, or the name of an error
 */
export function errorOfCode(
  code: number | KafkaErrorName,
  subject: ErrorSubject = {},
  options: KafkaErrorOptions = {},
): KafkaError {
  const row = errorCodeOf(typeof code === 'number' ? code : codeOf(code))
  const { partition, detail } = subject
  const where = detail && namesSubject(detail, subject) ? '' : placeOf(subject)
  const message = detail ? `${where}${detail} (${row.name})` : `${where}${row.name}`
  const traits: KafkaErrorOptions = {
    kafkaName: row.name,
    retriable: row.retriable,
    outcome: row.outcome,
    ...options,
  }
  if (row.name === 'UNKNOWN_TOPIC_OR_PARTITION' && partition !== undefined)
    return new PartitionNotFoundError(message, traits)
  const named = classOf[row.name]
  return named ? new named(message, traits) : new KafkaError(message, { code: row.name, ...traits })
}

function placeOf({ topic, partition }: ErrorSubject): string {
  if (topic === undefined) return ''
  return partition === undefined ? `topic '${topic}': ` : `topic '${topic}' partition ${partition}: `
}

/** Whether the server has said already which topic and partition it means: the message would say it twice. */
function namesSubject(detail: string, { topic, partition }: ErrorSubject): boolean {
  if (topic === undefined || !detail.includes(`'${topic}'`)) return false
  return partition === undefined || new RegExp(`partition ${partition}(?!\\d)`).test(detail)
}
