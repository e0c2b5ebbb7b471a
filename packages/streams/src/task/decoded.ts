import type { KafkaRecord, TopicDefinition } from '@kafkado/core'

/** Key and value of a record as a topic's definition reads them, which need not be the one that the record came with: a topic may be read twice. */
export function decoded(
  { topic, partition, offset, rawKey, rawValue }: KafkaRecord<unknown, unknown>,
  { key, value }: Pick<TopicDefinition<unknown, unknown>, 'key' | 'value'>,
): [key: unknown, value: unknown] {
  const context = { topic, partition, offset } as const
  return [
    rawKey && key.deserialize(rawKey, { ...context, field: 'key' }),
    rawValue && value.deserialize(rawValue, { ...context, field: 'value' }),
  ]
}
