export { type BatchConsumerConfig, createKafkaClient, KafkaClient, type TransactionOptions } from './kafka-client.ts'
