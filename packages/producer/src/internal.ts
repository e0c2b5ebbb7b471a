/** Names for the sibling packages. Not part of the public interface: they may change in any release. */
export type { ProducerIdAndEpoch } from './batch/producer-identity.ts'
export { createResumableProducer, createTopicWriter, createWatchedProducer } from './made-for-siblings.ts'
export { messagesOf } from './record/messages-of.ts'
export { isOfRecord, isRefused } from './record/record-refusal.ts'
export type { ResumableProducer } from './transaction/make-transactional-producer.ts'
export { isWhole, offer } from './transaction/transaction.ts'
export type { TopicWriter } from './write/topic-writer.ts'
