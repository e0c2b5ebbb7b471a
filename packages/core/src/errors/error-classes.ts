import type { KafkaErrorName } from './error-codes.ts'
import {
  AlreadyExistsError,
  DisconnectedError,
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
  SerializationError,
  StorageError,
  TimeoutError,
  TopicNotFoundError,
  TransactionAbortedError,
  UnauthorizedError,
} from './kafka-error.ts'

export type KafkaErrorClass = (new (message: string, options?: KafkaErrorOptions) => KafkaError) & {
  readonly code: string
}

/**
 * The class for each of Kafka's errors. An error without an entry becomes a plain KafkaError, with Kafka's name as its
 * code.
 */
export const classOfName: Partial<Record<KafkaErrorName, KafkaErrorClass>> = {
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

/** The classes that stand for no single name. */
const otherClasses: readonly KafkaErrorClass[] = [PartitionNotFoundError, SerializationError]

/** Every class of this package for one kind of error. */
export const errorClasses: readonly KafkaErrorClass[] = [...new Set(Object.values(classOfName)), ...otherClasses]

/** The class with this code; KafkaError if there is none. */
export function errorClassOf(code: string): KafkaErrorClass {
  return errorClasses.find((one) => one.code === code) ?? KafkaError
}
