import type { ProducerBatch } from '../batch/producer-batch.ts'

/** What a sender tells the writer of its topic. */
export interface SenderEvents {
  /** A batch is on its way for the first time. */
  onSent(batch: ProducerBatch): void
  /** An answer contradicts what is known about the topic. */
  onStaleMetadata(): void
  /** An answer says that the topic has another id now. Nothing can be sent before that is known. */
  onOtherTopic(): void
}
