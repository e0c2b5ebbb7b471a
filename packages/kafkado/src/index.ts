// The functions of admin are named as the operations are, so here only the class offers them.
export {
  Admin,
  type AlterTopicOptions,
  createAdmin,
  type CreateTopicOptions,
  type DeleteBefore,
  type GroupDescription,
  type GroupMemberDescription,
  type GroupOffset,
  type GroupSummary,
  type LogPosition,
  type ResetOffsetsOptions,
  type ResetPosition,
  type TopicDescription,
  type TopicRetention,
  type TopicSummary,
  type TransactionSummary,
} from '@kafkado/admin'
// As types alone: an import of any other kind, be it of nothing, would put the engine and the protocol into every bundle.
export type { EmbeddedOptions } from '@kafkado/broker'
export type { SaslOptions, WireOptions } from '@kafkado/wire'
export * from '@kafkado/consumer'
export * from '@kafkado/core'
export * from '@kafkado/producer'
export * from '@kafkado/streams'
export { type ConnectionOptions } from './connect.ts'
export {
  type BatchConsumerConfig,
  type Connection,
  createKafkaClient,
  KafkaClient,
  type TransactionOptions,
} from './kafka-client.ts'
