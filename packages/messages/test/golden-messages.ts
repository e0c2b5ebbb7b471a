import { readFileSync } from 'node:fs'
import type { AnyArray, AnyNullable, AnyStruct, FieldType } from '../src/fields/field-types.ts'
import { fieldOf, hasField } from '../src/fields/fields.ts'

/** A message as Apache Kafka's own classes write it. */
export interface GoldenMessage {
  readonly api: string
  readonly message: 'request' | 'response'
  readonly version: number
  readonly content: unknown
  readonly hex: string
}

export const goldenMessages: readonly GoldenMessage[] = readFileSync(
  new URL('golden/kafka-clients.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as GoldenMessage)

/** Kafka's names of the fields that have another name here, the same in all messages. */
const kafkaNames: Readonly<Record<string, readonly string[]>> = {
  topic: ['name', 'topicName'],
  partition: ['partitionIndex', 'index'],
  partitions: ['partitionIndexes', 'partitionData', 'partitionResponses', 'resultsByPartition'],
  topics: ['topicData', 'responses', 'topicResults', 'v3AndBelowTopics', 'resultsByTopicV3AndBelow'],
  forgottenTopics: ['forgottenTopicsData'],
  message: ['batchIndexErrorMessage'],
  memberEpoch: ['generationIdOrMemberEpoch'],
  groups: ['groupsNames'],
  errorCode: ['partitionErrorCode'],
  durationFilterMs: ['durationFilter'],
  transactionalId: ['v3AndBelowTransactionalId'],
  producerId: ['v3AndBelowProducerId'],
  producerEpoch: ['v3AndBelowProducerEpoch'],
}

/**
 * The content of a golden message, in the form of this package.
 *
 * @throws when a field is missing or left over
 */
export function contentAsOurs(type: FieldType, version: number, content: unknown): unknown {
  if (content === null) return null
  if (type.kind === 'nullable') return contentAsOurs((type as AnyNullable).of, version, content)
  if (type.kind === 'array')
    return (content as unknown[]).map((element) => contentAsOurs((type as AnyArray).element, version, element))
  if (type.kind === 'struct') return structAsOurs(type as AnyStruct, version, content as Record<string, unknown>)
  if (type.kind === 'bytes') return Uint8Array.from(Buffer.from(content as string, 'base64'))
  if (type.kind !== 'uuid') return content
  const digits = Buffer.from(content as string, 'base64url').toString('hex')
  return (
    [8, 12, 16, 20].map((end, index) => digits.slice(index && 4 + index * 4, end)).join('-') + `-${digits.slice(20)}`
  )
}

function structAsOurs({ fields }: AnyStruct, version: number, content: Readonly<Record<string, unknown>>) {
  const left = new Set(Object.keys(content))
  const value: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(fields)) {
    const field = fieldOf(given)
    if (!hasField(field, version)) continue
    const kafkaName = [name, ...(kafkaNames[name] ?? [])].find((one) => left.has(one))
    if (kafkaName === undefined && field.options.tag !== undefined) continue
    if (kafkaName === undefined) throw new Error(`Kafka has no field '${name}' in version ${version}`)
    left.delete(kafkaName)
    value[name] = contentAsOurs(field.type, version, content[kafkaName])
  }
  if (left.size > 0) throw new Error(`Kafka has more fields in version ${version}: ${[...left].join(', ')}`)
  return value
}
