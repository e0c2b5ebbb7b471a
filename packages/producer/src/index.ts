export { type Partitioner, type PartitionerContext } from './partitioner.ts'
export { createProducer, Producer, type SendOptions } from './producer.ts'
export { type ProducerConfig } from './producer-config.ts'
