/** Names for the sibling packages. Not part of the public interface: they may change in any release. */
export { messagesOf } from './record/messages-of.ts'
export { murmur2 } from './partition/murmur2.ts'
export type { PartitionChoice } from './partition/partitioner.ts'
