export { type RetryOptions, withRetry } from '@kafkado/core'
export { Batch, type BatchOptions } from './batches.ts'
export {
  type ConsumerConfig,
  type PartitionsListener,
  type StartOffset,
  type TopicPartition,
} from './consumer-config.ts'
export { Consumer, createConsumer, type PartitionLag } from './consumer.ts'
export { RecordStream } from './record-stream.ts'
