import * as schema from '../schema/schema.ts'
import type { ObjectOf, Schema, Shape } from '../schema/schema.ts'

/** The fields that many operations share. */

/**
 * Schemas say what form a field has; whether such a topic, partition or group exists is the engine's answer, as in
 * Kafka.
 */
export const topicName = (): Schema<string> => schema.string()

/**
 * The id of the topic that is meant, beside its name: a UUID, as metadata and heartbeats tell it. When the topic of
 * that name has another id, which is so after it was deleted and created again, its partitions are refused with
 * UNKNOWN_TOPIC_ID or INCONSISTENT_TOPIC_ID. Null and left out mean whichever topic has the name.
 */
const expectedTopicId = (): Schema<string | null | undefined> => schema.optional(schema.nullable(schema.uuid()))

export const groupId = (): Schema<string> => schema.string()

export const partitionIndex = (): Schema<number> => int32()

/** Kafka's numbers have a size, and one that does not fit would be cut on its way to a broker. */
export const int16 = (): Schema<number> => schema.integer(-(2 ** 15), 2 ** 15 - 1)

export const int32 = (): Schema<number> => schema.integer(-(2 ** 31), 2 ** 31 - 1)

/** An offset, a timestamp or a producer id: 64 bits in Kafka, here a number that is still exact. */
export const int64 = (): Schema<number> => schema.integer()

/** One of Kafka's error codes; 0 is success. */
export const errorCode = (): Schema<number> => schema.integer()

/** What the server adds to an error code, or null. */
const errorMessage = (): Schema<string | null | undefined> => schema.optional(schema.nullable(schema.string()))

/** How long the client was, or should be, held back by a quota, in milliseconds. */
export const throttleTimeMs = (): Schema<number> => schema.integer()

/** RecordBatch v2 bytes, which nothing between producer and consumer looks into. */
export const recordBatches = (): Schema<Uint8Array> => schema.bytes()

/** Partitions by topic, as assignments, commits and deletions name them. */
export const topicPartitions = (): Schema<{ topic: string; partitions: number[] }[]> =>
  schema.array(schema.object({ topic: topicName(), partitions: schema.array(partitionIndex()) }))

/** As `topicPartitions`, with the id of each topic, where the one who says it knows it. */
export const identifiedTopicPartitions = (): Schema<
  { topic: string; topicId?: string | null | undefined; partitions: number[] }[]
> =>
  schema.array(
    schema.object({ topic: topicName(), topicId: expectedTopicId(), partitions: schema.array(partitionIndex()) }),
  )

/** Who writes to a transaction: the id that the user chose, and what initProducerId answered for it. */
export const transactionalProducer = (): {
  transactionalId: Schema<string>
  producerId: Schema<number>
  producerEpoch: Schema<number>
} => ({ transactionalId: schema.string(), producerId: int64(), producerEpoch: int16() })

/** How it went, for one partition, topic or group. */
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

/** As `byTopic`, with the id of each topic, where the one who says it knows it. */
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

/** How it went for each partition, where there is no more to say. */
export const partitionResults = () => byTopic(errorFields())
