export { type Partitioner, type PartitionerContext } from './partitioner.ts'
export { createProducer, Producer, type RecordOptions } from './producer.ts'
export { type ProducerConfig } from './producer-config.ts'
