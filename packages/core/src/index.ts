export { type Duration } from './config/duration.ts'
export {
  AlreadyExistsError,
  DisconnectedError,
  GroupCoordinatorError,
  InvalidRequestError,
  isKafkaError,
  KafkaError,
  type KafkaErrorOptions,
  MemberFencedError,
  MessageTooLargeError,
  NotLeaderError,
  OffsetOutOfRangeError,
  type Outcome,
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
} from './errors/kafka-error.ts'
export { codeOf, type ErrorCode, errorCodeOf, type KafkaErrorName } from './errors/error-codes.ts'
export { type RetryOptions, withRetry } from './retry/with-retry.ts'
export * from './protocol/operations.ts'
export { type AnyOperation, type Operation, type RequestOf, type ResponseOf } from './protocol/operation.ts'
export { type Header } from './batch/format/record-content.ts'
export { type CompressionType } from './batch/compression/compression.ts'
export {
  type AnyKafkaRecord,
  KafkaRecord,
  type NotDecoded,
  type PlainRecord,
  type TransactionalReader,
} from './record/kafka-record.ts'
export { type Headers, type Message, type RecordMetadata } from './record/message.ts'
export { type TransactionOffsets } from './record/transaction-offsets.ts'
export { type LogPosition } from './requests/offsets-at.ts'
export { type TopicPartition } from './requests/topic-partition.ts'
export { AdjustableClock } from './runtime/adjustable-clock.ts'
export { type Clock, systemClock, type Timer, type TimerKind } from './runtime/clock.ts'
export { ManualClock } from './runtime/manual-clock.ts'
export { type Random, seededRandom, systemRandom } from './runtime/random.ts'
export { type Runtime, systemRuntime } from './runtime/runtime.ts'
export { schema, type StandardSchema } from './serialization/schema-serde.ts'
export { type Serde, type SerdeContext } from './serialization/serde.ts'
export { bytes, float64, int64, json, string } from './serialization/serdes.ts'
export { defineTopic, type SerdeLike, type TopicDefinition, type TopicLike } from './serialization/topic-definition.ts'
export {
  topicsMatching,
  topicsWithPrefix,
  type TopicPattern,
  type TopicSelection,
} from './serialization/topic-pattern.ts'
export { type Fetch } from './http/http-client.ts'
export { type HttpTransportOptions } from './http/http-config.ts'
export { http } from './http/http-transport.ts'
export { intercept, type Interceptor } from './transport/interceptor.ts'
export { retryInterceptor, type RetryInterceptorOptions } from './retry/retry-interceptor.ts'
export { type SendOptions, type Transport } from './transport/transport.ts'
