import * as schema from '../schema/schema.ts'
import type { ObjectOf, Schema, Shape } from '../schema/schema.ts'

/** Fields that many operations share. */

/**
 * Schemas describe only the form of a field. As in Kafka, the engine answers whether such a topic, partition or group
 * exists.
 */
export const topicName = (): Schema<string> => schema.string()

/**
 * The id of the topic meant, beside its name: a UUID, as metadata and heartbeats tell it. If the topic with that name
 * has another id, because it was deleted and recreated, its partitions are refused with UNKNOWN_TOPIC_ID or
 * INCONSISTENT_TOPIC_ID. Null or no value: any topic with the name.
 */
const expectedTopicId = (): Schema<string | null | undefined> => schema.optional(schema.nullable(schema.uuid()))

export const groupId = (): Schema<string> => schema.string()

export const partitionIndex = (): Schema<number> => int32()

/** Kafka's numbers have a size; a larger one would be cut on its way to a broker. */
export const int16 = (): Schema<number> => schema.integer(-(2 ** 15), 2 ** 15 - 1)

export const int32 = (): Schema<number> => schema.integer(-(2 ** 31), 2 ** 31 - 1)

/** An offset, a timestamp or a producer id: 64 bits in Kafka; here a number, as long as it is exact. */
export const int64 = (): Schema<number> => schema.integer()

/** One of Kafka's error codes; 0 is success. */
export const errorCode = (): Schema<number> => schema.integer()

/** The server's explanation of an error code, or null. */
const errorMessage = (): Schema<string | null | undefined> => schema.optional(schema.nullable(schema.string()))

/** How long a quota held the client back, or asks it to wait, in milliseconds. */
export const throttleTimeMs = (): Schema<number> => schema.integer()

/** RecordBatch v2 bytes, opaque to everything between producer and consumer. */
export const recordBatches = (): Schema<Uint8Array> => schema.bytes()

/** Partitions by topic, for assignments, commits and deletions. */
export const topicPartitions = (): Schema<{ topic: string; partitions: number[] }[]> =>
  schema.array(schema.object({ topic: topicName(), partitions: schema.array(partitionIndex()) }))

/** As `topicPartitions`, with the id of each topic if the caller knows it. */
export const identifiedTopicPartitions = (): Schema<
  { topic: string; topicId?: string | null | undefined; partitions: number[] }[]
> =>
  schema.array(
    schema.object({ topic: topicName(), topicId: expectedTopicId(), partitions: schema.array(partitionIndex()) }),
  )

/** The writer of a transaction: the user's id, and the answer of initProducerId for it. */
export const transactionalProducer = (): {
  transactionalId: Schema<string>
  producerId: Schema<number>
  producerEpoch: Schema<number>
} => ({ transactionalId: schema.string(), producerId: int64(), producerEpoch: int16() })

/** The result for one partition, topic or group. */
export const errorFields = (): {
  errorCode: Schema<number>
  errorMessage: Schema<string | null | undefined>
} => ({ errorCode: errorCode(), errorMessage: errorMessage() })

type Partitions<Fields extends Shape> = ObjectOf<{ partition: Schema<number> } & Fields>[]

const partitionsOf = <Fields extends Shape>(fields: Fields): Schema<Partitions<Fields>> =>
  schema.array(schema.object({ partition: partitionIndex(), ...fields }))

/** Partitions by topic, each with these fields. */
export const byTopic = <Fields extends Shape>(
  fields: Fields,
): Schema<{ topic: string; partitions: Partitions<Fields> }[]> =>
  schema.array(schema.object({ topic: topicName(), partitions: partitionsOf(fields) }))

/** As `byTopic`, with the id of each topic if the caller knows it. */
export const byIdentifiedTopic = <Fields extends Shape>(
  fields: Fields,
): Schema<{ topic: string; topicId?: string | null | undefined; partitions: Partitions<Fields> }[]> =>
  schema.array(schema.object({ topic: topicName(), topicId: expectedTopicId(), partitions: partitionsOf(fields) }))

/** The offsets that a group commits, with or without a transaction. */
export const committedOffsets = () =>
  byIdentifiedTopic({
    committedOffset: int64(),
    committedLeaderEpoch: int32(),
    committedMetadata: schema.nullable(schema.string()),
  })

/** The result for each partition, without further fields. */
export const partitionResults = () => byTopic(errorFields())
