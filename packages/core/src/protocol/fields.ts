import * as z from 'zod/mini'

/** The fields that many operations share. */

/**
 * Schemas say what form a field has; whether such a topic, partition or group exists is the engine's answer, as in
 * Kafka.
 */
export const topicName = (): z.ZodMiniString => z.string()

/**
 * The id of the topic that is meant, beside its name: a UUID, as metadata and heartbeats tell it. When the topic of
 * that name has another id, which is so after it was deleted and created again, its partitions are refused with
 * UNKNOWN_TOPIC_ID or INCONSISTENT_TOPIC_ID. Null and left out mean whichever topic has the name.
 */
const expectedTopicId = (): z.ZodMiniOptional<z.ZodMiniNullable<z.ZodMiniGUID>> => z.optional(z.nullable(z.guid()))

export const groupId = (): z.ZodMiniString => z.string()

export const partitionIndex = (): z.ZodMiniNumber => int32()

/** Kafka's numbers have a size, and one that does not fit would be cut on its way to a broker. */
export const int16 = (): z.ZodMiniNumber => z.int().check(z.minimum(-(2 ** 15)), z.maximum(2 ** 15 - 1))

export const int32 = (): z.ZodMiniNumber => z.int32()

/** An offset, a timestamp or a producer id: 64 bits in Kafka, here a number that is still exact. */
export const int64 = (): z.ZodMiniNumber => z.int()

/** One of Kafka's error codes; 0 is success. */
export const errorCode = (): z.ZodMiniNumber => z.int()

/** What the server adds to an error code, or null. */
const errorMessage = (): z.ZodMiniOptional<z.ZodMiniNullable<z.ZodMiniString>> => z.optional(z.nullable(z.string()))

/** How long the client was, or should be, held back by a quota, in milliseconds. */
export const throttleTimeMs = (): z.ZodMiniNumber => z.int()

/** RecordBatch v2 bytes, which nothing between producer and consumer looks into. */
export const recordBatches = (): z.ZodMiniCustom<Uint8Array> =>
  z.instanceof(Uint8Array) as unknown as z.ZodMiniCustom<Uint8Array>

/** Partitions by topic, as assignments, commits and deletions name them. */
export const topicPartitions = (): z.ZodMiniArray<
  z.ZodMiniObject<{ topic: z.ZodMiniString; partitions: z.ZodMiniArray<z.ZodMiniNumber> }>
> => z.array(z.object({ topic: topicName(), partitions: z.array(partitionIndex()) }))

/** As `topicPartitions`, with the id of each topic, where the one who says it knows it. */
export const identifiedTopicPartitions = (): z.ZodMiniArray<
  z.ZodMiniObject<{
    topic: z.ZodMiniString
    topicId: z.ZodMiniOptional<z.ZodMiniNullable<z.ZodMiniGUID>>
    partitions: z.ZodMiniArray<z.ZodMiniNumber>
  }>
> => z.array(z.object({ topic: topicName(), topicId: expectedTopicId(), partitions: z.array(partitionIndex()) }))

/** Who writes to a transaction: the id that the user chose, and what initProducerId answered for it. */
export const transactionalProducer = (): {
  transactionalId: z.ZodMiniString
  producerId: z.ZodMiniNumber
  producerEpoch: z.ZodMiniNumber
} => ({ transactionalId: z.string(), producerId: int64(), producerEpoch: int16() })

/** How it went, for one partition, topic or group. */
export const errorFields = (): {
  errorCode: z.ZodMiniNumber
  errorMessage: z.ZodMiniOptional<z.ZodMiniNullable<z.ZodMiniString>>
} => ({ errorCode: errorCode(), errorMessage: errorMessage() })

type Fields = Record<string, z.ZodMiniType>
type Partitions<F extends Fields> = z.ZodMiniArray<z.ZodMiniObject<{ partition: z.ZodMiniNumber } & F>>

const partitionsOf = <F extends Fields>(fields: F): Partitions<F> =>
  z.array(z.object({ partition: partitionIndex(), ...fields }))

/** Partitions by topic, each with these fields. */
export const byTopic = <F extends Fields>(
  fields: F,
): z.ZodMiniArray<z.ZodMiniObject<{ topic: z.ZodMiniString; partitions: Partitions<F> }>> =>
  z.array(z.object({ topic: topicName(), partitions: partitionsOf(fields) }))

/** As `byTopic`, with the id of each topic, where the one who says it knows it. */
export const byIdentifiedTopic = <F extends Fields>(
  fields: F,
): z.ZodMiniArray<
  z.ZodMiniObject<{
    topic: z.ZodMiniString
    topicId: z.ZodMiniOptional<z.ZodMiniNullable<z.ZodMiniGUID>>
    partitions: Partitions<F>
  }>
> => z.array(z.object({ topic: topicName(), topicId: expectedTopicId(), partitions: partitionsOf(fields) }))

/** The offsets that a group commits, with or without a transaction. */
export const committedOffsets = () =>
  byIdentifiedTopic({
    committedOffset: int64(),
    committedLeaderEpoch: int32(),
    committedMetadata: z.nullable(z.string()),
  })

/** How it went for each partition, where there is no more to say. */
export const partitionResults = () => byTopic(errorFields())
