/** Names for the sibling packages. Not part of the public interface: they may change in any release. */
export { deadLetterHeaders } from './dead-letter.ts'
export type { DerivedPartitions } from './derived-membership.ts'
export type { AssignedPartition } from './membership.ts'
export { PartitionReader, type PolledPartition, type ReaderOptions } from './partition-reader.ts'
export { isMatch, isPattern, patternOf } from './topic-subscription.ts'
