/** Names for the sibling packages. Not part of the public interface: they may change in any release. */
export { endReading } from './consumer.ts'
export { deadLetterHeaders } from './dead-letter/dead-letter.ts'
export type { DerivedPartitions } from './group/derived-membership.ts'
export { type AssignedPartition } from './partition/topic-partition.ts'
export { createWatchedConsumer } from './made-for-siblings.ts'
export { PartitionReader, type PolledPartition, type ReaderOptions } from './partition-reader.ts'
