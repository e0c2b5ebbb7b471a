export { createTransactionalProducer } from './create-transactional-producer.ts'
export { type Partitioner, type PartitionerContext } from './partition/partitioner.ts'
export { BatchDeliveryError } from './delivery/batch-delivery-error.ts'
export { createProducer } from './create-producer.ts'
export type { RecordOptions } from './record/messages-of.ts'
export { Producer, type ProducerParts } from './producer.ts'
export { type TransactionIdentity } from './send/producer-identity.ts'
export { type ProducerConfig } from './producer-config.ts'
export { type ProducerBatchEvent, type ProducerMetrics } from './send/producer-meter.ts'
export { type OffsetsOf, TopicTransaction, Transaction } from './transaction/transaction.ts'
export {
  TransactionalProducer,
  type TransactionEvent,
  type TransactionRunOptions,
} from './transaction/transactional-producer.ts'
