import { type KafkaRecord, SerializationError } from '@kafkado/core'
import type { GraphNode } from '../graph/graph-node.ts'
import { describeRecord, detailOf } from './errors/processing-errors.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** Key and value of a record whose topic is read more than once, with serdes of its own each time. @throws SerializationError */
export function decoded(record: AnyRecord, source: GraphNode): [key: unknown, value: unknown] {
  return source.kind === 'source'
    ? [decodedField(record, source, 'key'), decodedField(record, source, 'value')]
    : [record.key, record.value]
}

function decodedField(
  record: AnyRecord,
  { topic: definition }: GraphNode & { kind: 'source' },
  field: 'key' | 'value',
): unknown {
  const bytes = field === 'key' ? record.rawKey : record.rawValue
  if (bytes === null) return null
  const { topic, partition, offset } = record
  try {
    return definition[field].deserialize(bytes, { topic, partition, offset, field })
  } catch (cause) {
    throw new SerializationError(`${describeRecord(record)}: the ${field} is not valid: ${detailOf(cause)}`, { cause })
  }
}
