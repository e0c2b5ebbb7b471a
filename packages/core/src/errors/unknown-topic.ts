import { isKafkaError } from './kafka-error.ts'

/** Whether an error says that the topic is not there, or that the one of its name is another by now. */
export function isUnknownTopic(error: unknown): boolean {
  return isKafkaError(error, 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID')
}
