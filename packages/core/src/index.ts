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
// The operations, which interceptors and faults name; what they ask and answer is in @kafkado/core/protocol.
export { produce } from './protocol/00-produce.ts'
export { fetch } from './protocol/01-fetch.ts'
export { listOffsets } from './protocol/02-list-offsets.ts'
export { metadata } from './protocol/03-metadata.ts'
export { offsetCommit } from './protocol/08-offset-commit.ts'
export { offsetFetch } from './protocol/09-offset-fetch.ts'
export { listGroups } from './protocol/16-list-groups.ts'
export { createTopics } from './protocol/19-create-topics.ts'
export { deleteTopics } from './protocol/20-delete-topics.ts'
export { deleteRecords } from './protocol/21-delete-records.ts'
export { initProducerId } from './protocol/22-init-producer-id.ts'
export { offsetForLeaderEpoch } from './protocol/23-offset-for-leader-epoch.ts'
export { addPartitionsToTxn } from './protocol/24-add-partitions-to-txn.ts'
export { addOffsetsToTxn } from './protocol/25-add-offsets-to-txn.ts'
export { endTxn } from './protocol/26-end-txn.ts'
export { txnOffsetCommit } from './protocol/28-txn-offset-commit.ts'
export { describeConfigs } from './protocol/32-describe-configs.ts'
export { createPartitions } from './protocol/37-create-partitions.ts'
export { deleteGroups } from './protocol/42-delete-groups.ts'
export { incrementalAlterConfigs } from './protocol/44-incremental-alter-configs.ts'
export { offsetDelete } from './protocol/47-offset-delete.ts'
export { describeProducers } from './protocol/61-describe-producers.ts'
export { describeTransactions } from './protocol/65-describe-transactions.ts'
export { listTransactions } from './protocol/66-list-transactions.ts'
export { consumerGroupHeartbeat } from './protocol/68-consumer-group-heartbeat.ts'
export { describeGroups } from './protocol/69-describe-groups.ts'
export { capabilities } from './protocol/capabilities.ts'
export { type AnyOperation, type Operation, type RequestOf, type ResponseOf } from './protocol/operation.ts'
export { type CompressionType } from './batch/compression/compression.ts'
export { type AnyKafkaRecord, KafkaRecord, type NotDecoded, type PlainRecord } from './record/kafka-record.ts'
export { type Headers, type Message, type RecordMetadata } from './record/message.ts'
export { type TransactionalReader, type TransactionOffsets } from './record/transaction-offsets.ts'
export { type LogPosition } from './requests/offsets-at.ts'
export { type TopicPartition } from './requests/topic-partition.ts'
export { type Clock, systemClock, type Timer, type TimerKind } from './runtime/clock.ts'
export { type Random, seededRandom, systemRandom } from './runtime/random.ts'
export { type Runtime, systemRuntime } from './runtime/runtime.ts'
export { schema, type StandardSchema } from './serialization/schema-serde.ts'
export { type Serde, type SerdeContext } from './serialization/serde.ts'
export { bytes, float64, int64, json, string } from './serialization/serdes.ts'
export { defineTopic, type SerdeLike, type TopicDefinition, type TopicLike } from './serialization/topic-definition.ts'
export { type Fetch } from './http/http-client.ts'
export { type HttpTransportOptions } from './http/http-config.ts'
export { http } from './http/http-transport.ts'
export { intercept, type Interceptor } from './transport/interceptor.ts'
export { retryInterceptor, type RetryInterceptorOptions } from './retry/retry-interceptor.ts'
export { type SendOptions, type Transport } from './transport/transport.ts'
