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

const classes: readonly KafkaErrorClass[] = [
  TopicNotFoundError,
  PartitionNotFoundError,
  MessageTooLargeError,
  NotLeaderError,
  OffsetOutOfRangeError,
  GroupCoordinatorError,
  RebalanceInProgressError,
  UnauthorizedError,
  QuotaExceededError,
  TimeoutError,
  DisconnectedError,
  SerializationError,
  InvalidRequestError,
  AlreadyExistsError,
  ProducerFencedError,
  TransactionAbortedError,
  MemberFencedError,
  StorageError,
]

/** The class that has a code; KafkaError where none has. */
export function errorClassOf(code: string): KafkaErrorClass {
  return classes.find((one) => one.code === code) ?? KafkaError
}
