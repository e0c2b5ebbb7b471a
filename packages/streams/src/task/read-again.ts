import type { KafkaRecord } from '@kafkado/core'
import type { GraphNode } from '../graph/graph-node.ts'

/** Key and value for one of several sources of a topic, each of which has serdes of its own. */
export function readAgain(
  record: KafkaRecord<unknown, unknown>,
  source: GraphNode,
): readonly [key: unknown, value: unknown] {
  if (source.kind !== 'source') return [record.key, record.value]
  const { topic, partition, offset, rawKey, rawValue } = record
  const context = { topic, partition, offset } as const
  return [
    rawKey && source.topic.key.deserialize(rawKey, { ...context, field: 'key' }),
    rawValue && source.topic.value.deserialize(rawValue, { ...context, field: 'value' }),
  ]
}
