import { codeOf } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import { described, type ErrorFields } from '@kafkado/core/internal/answers'
import { throwRefusal } from '../cluster/cluster.ts'

/** Error codes by partition, as in the answers to commits and enrolments. */
export type PartitionErrors = readonly {
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[]
}[]

/**
 * Errors of a single partition. Any other error concerns the whole request, and is only repeated for each partition.
 */
const ofOnePartition = new Set(
  (
    [
      'NONE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'TOPIC_AUTHORIZATION_FAILED',
      'OFFSET_METADATA_TOO_LARGE',
      'INVALID_COMMIT_OFFSET_SIZE',
      'GROUP_SUBSCRIBED_TO_TOPIC',
      'OPERATION_NOT_ATTEMPTED',
    ] as const
  ).map(codeOf),
)

interface PartitionResults {
  topic: string
  partitions: ({ partition: number } & ErrorFields)[]
}

/**
 * The answers in the order of the request; brokers may change the order.
 *
 * @throws KafkaError when the whole request failed
 */
export function partitionResults(
  asked: readonly {
    readonly topic: string
    readonly partitions: readonly (number | { readonly partition: number })[]
  }[],
  answered: PartitionErrors,
): PartitionResults[] {
  const codes = new Map(
    answered.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, errorCode }) => [partitionKey({ topic, partition }), errorCode]),
    ),
  )
  return asked.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((place) => {
      const partition = typeof place === 'number' ? place : place.partition
      const errorCode = codes.get(partitionKey({ topic, partition })) ?? codeOf('UNKNOWN_SERVER_ERROR')
      if (!ofOnePartition.has(errorCode)) throwRefusal(errorCode, described(errorCode).errorMessage)
      return { partition, ...described(errorCode) }
    }),
  }))
}

/** The same answer for all of a topic's partitions. */
export function refusedPartitions(
  { topic, partitions }: { readonly topic: string; readonly partitions: readonly { readonly partition: number }[] },
  error: ErrorFields,
): PartitionResults {
  return { topic, partitions: partitions.map(({ partition }) => ({ partition, ...error })) }
}
