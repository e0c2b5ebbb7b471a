import { errorOfCode } from '../errors/error-of-code.ts'
import type { KafkaErrorName } from '../errors/error-codes.ts'
import type { KafkaError } from '../errors/kafka-error.ts'
import { type AnswersByTopic, answersOf } from './by-topic.ts'
import type { TopicPartition } from './topic-partition.ts'

/** What was asked for of a partition, or why it is not known. */
export type AnswerOr<A> = A | { readonly error: KafkaError }

/** An offset that was asked for, `undefined` where there is none, or why it is not known. */
export type OffsetAnswer = AnswerOr<{ readonly offset: number | undefined }>

/** What a partition, or a topic, was refused with; one that was not answered is refused as well. */
export function refusalOf(
  { topic, partition }: Partial<TopicPartition>,
  answer: { readonly errorCode: number; readonly errorMessage?: string | null | undefined } | undefined,
  unanswered: KafkaErrorName = 'UNKNOWN_SERVER_ERROR',
): KafkaError | undefined {
  if (answer?.errorCode === 0) return undefined
  return errorOfCode(answer?.errorCode ?? unanswered, { topic, partition, detail: answer?.errorMessage })
}

/** What a response says of partitions, in the order in which they were asked for. */
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
