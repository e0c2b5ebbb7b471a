import { errorCodeOf, type KafkaErrorName } from '@kafkado/core'

const names: ReadonlySet<KafkaErrorName> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
])

/** Whether an error says that the topic is not there, or that the one of its name is another by now. */
export function isUnknownTopic({ kafkaCode }: { readonly kafkaCode?: number | undefined }): boolean {
  return kafkaCode !== undefined && names.has(errorCodeOf(kafkaCode).name)
}
