/** Names for the sibling packages. Not part of the public interface: they may change in any release. */
export { messagesOf } from './messages-of.ts'
export { murmur2 } from './murmur2.ts'
export { isOfRecord, isRefused } from './record-refusal.ts'
export type { PartitionChoice } from './partitioner.ts'
