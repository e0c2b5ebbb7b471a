export { storageConformance } from './storage-conformance.ts'
export { type MakeStorage, type StorageUnderTest } from './storage/storage-harness.ts'
export { transportConformance } from './transport-conformance.ts'
export {
  batch,
  type FetchOptions,
  Harness,
  type MakeTransport,
  type ProducedPartition,
  readAll,
  type ReadRecord,
  startTime,
  type TransportUnderTest,
} from './transport/harness/harness.ts'
export { rawBatch, type RawHeader, type RawRecord, rawRecords } from './transport/harness/raw-batch.ts'
export { RecreatedTopic } from './transport/topics/recreated-topic.ts'
export { TestMember } from './transport/harness/test-member.ts'
export { TestProducer } from './transport/harness/test-producer.ts'
