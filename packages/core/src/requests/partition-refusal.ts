import { errorOfCode } from '../errors/error-of-code.ts'
import type { KafkaErrorName } from '../errors/error-codes.ts'
import type { KafkaError } from '../errors/kafka-error.ts'
import { type AnswersByTopic, answersOf } from './by-topic.ts'
import type { TopicPartition } from './topic-partition.ts'

/** The answer for a partition, or the error that refused it. */
export type AnswerOr<A> = A | { readonly error: KafkaError }

/** The requested offset, `undefined` if there is none, or the error that refused it. */
export type OffsetAnswer = AnswerOr<{ readonly offset: number | undefined }>

/** The error that refused a partition or topic; a missing answer counts as refusal. */
export function refusalOf(
  { topic, partition }: Partial<TopicPartition>,
  answer: { readonly errorCode: number; readonly errorMessage?: string | null | undefined } | undefined,
  unanswered: KafkaErrorName = 'UNKNOWN_SERVER_ERROR',
): KafkaError | undefined {
  if (answer?.errorCode === 0) return undefined
  return errorOfCode(answer?.errorCode ?? unanswered, { topic, partition, detail: answer?.errorMessage })
}

/** The answers of a response, in the order in which the partitions were requested. */
export function answersInOrder<A extends { readonly partition: number; readonly errorCode: number }, V>(
  partitions: readonly TopicPartition[],
  topics: AnswersByTopic<A>,
  valueOf: (answer: A) => V,
): AnswerOr<V>[] {
  const answerOf = answersOf(topics)
  return partitions.map((target) => {
    const answer = answerOf(target)
    const error = refusalOf(target, answer)
    return error ? { error } : valueOf(answer as A)
  })
}
