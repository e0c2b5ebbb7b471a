import { type KafkaRecord, SerializationError, type TopicDefinition } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import { describeRecord } from './errors/processing-errors.ts'

type AnyRecord = KafkaRecord<unknown, unknown>
type AnyTopic = TopicDefinition<unknown, unknown>

/**
 * Reads key and value of a record with a topic's definition, which may differ from the record's own: a topic may be
 * read twice.
 *
 * @throws SerializationError
 */
export function decoded(record: AnyRecord, definition: AnyTopic): [key: unknown, value: unknown] {
  return [decodedField(record, definition, 'key'), decodedField(record, definition, 'value')]
}

function decodedField(record: AnyRecord, definition: AnyTopic, field: 'key' | 'value'): unknown {
  const bytes = field === 'key' ? record.rawKey : record.rawValue
  if (bytes === null) return null
  const { topic, partition, offset } = record
  try {
    return definition[field].deserialize(bytes, { topic, partition, offset, field })
  } catch (cause) {
    throw new SerializationError(`${describeRecord(record)}: the ${field} is not valid: ${messageOf(cause)}`, { cause })
  }
}
