export { type RetryOptions, withRetry } from '@kafkado/core'
export { Batch, type BatchOptions } from './read/batches.ts'
export {
  type ConsumerConfig,
  type PartitionsListener,
  type StartOffset,
  type TopicPartition,
} from './consumer-config.ts'
export { type ConsumerEvents, type Stall, type StallReason } from './consumer-events.ts'
export { type ConsumerHealth, type PartitionHealth } from './session/consumer-health.ts'
export { Consumer, type PartitionLag } from './consumer.ts'
export { createConsumer } from './create-consumer.ts'
export { deadLetter, type DeadLetterProducer, type FailureHandler } from './dead-letter/dead-letter.ts'
export { type ParallelOptions, type ParallelOrdering, type WorkerOptions } from './parallel/parallel.ts'
export { RecordStream } from './read/record-stream.ts'
export { topicsMatching, topicsWithPrefix, type TopicPattern, type TopicSelection } from './group/topic-subscription.ts'
