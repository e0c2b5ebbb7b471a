/** Names for the sibling packages. Not part of the public interface: they may change in any release. */
export type { ProducerIdAndEpoch } from './batch/producer-identity.ts'
export { createResumableProducer, createTopicWriter, createWatchedProducer } from './made-for-siblings.ts'
export { messagesOf } from './record/messages-of.ts'
export type { ResumableProducer } from './transaction/make-transactional-producer.ts'
export type { TopicWriter } from './write/topic-writer.ts'
