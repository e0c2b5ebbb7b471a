import { isKafkaError } from './kafka-error.ts'

/** Whether the error says that the topic does not exist, or was recreated. */
export function isUnknownTopic(error: unknown): boolean {
  return isKafkaError(error, 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID')
}
