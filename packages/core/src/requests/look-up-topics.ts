import { errorOfCode } from '../errors/error-of-code.ts'
import { KafkaError, TopicNotFoundError } from '../errors/kafka-error.ts'
import { withOutcome } from '../errors/with-outcome.ts'
import type { Transport } from '../transport/transport.ts'
import type { AnswerOr } from './partition-refusal.ts'
import { unknownTopicPatienceMs as defaultPatienceMs } from '../retry/patience.ts'
import { presentTopics, type TopicMetadata } from './present-topics.ts'
import { type AnswerLimits, untilAnswered } from '../retry/until-answered.ts'

export interface TopicLookUp extends AnswerLimits {
  /** Whether a topic that is not there is made, where the server permits it. */
  readonly allowAutoTopicCreation: boolean
  /**
   * How long a topic is waited for that the server does not know, in milliseconds. Default 1 s; 0 for who wants to know
   * whether it is there now.
   */
  readonly unknownTopicPatienceMs?: number | undefined
}

/**
 * What the server knows of topics: the one way in which clients wait for it. As long as the server cannot be reached,
 * does not answer, or a topic has no partitions yet, it is asked again, until the caller's time is over; a topic that
 * it does not know is waited for shortly.
 *
 * @returns the topics in the order of their names, each with its partitions
 * @throws TopicNotFoundError; TimeoutError when `timeoutMs` is over; UnauthorizedError and what else asking again
 *   does not help with. Always with the outcome `failed`, as a look-up writes nothing. When the signal aborts: its
 *   reason
 */
export async function lookUpTopics(
  transport: Transport,
  names: readonly string[],
  { allowAutoTopicCreation, unknownTopicPatienceMs = defaultPatienceMs, ...limits }: TopicLookUp,
): Promise<TopicMetadata[]> {
  const { clock } = limits.runtime
  let unknownSinceMs: number | undefined
  const isWorthwhile = (error: KafkaError): boolean => {
    if (!isNotFound(error)) return error.retriable
    unknownSinceMs ??= clock.monotonic()
    return clock.monotonic() - unknownSinceMs < unknownTopicPatienceMs
  }
  const what = `topic ${names.map((name) => `'${name}'`).join(', ')}`
  try {
    return await untilAnswered(
      what,
      limits,
      async (attempt) =>
        found(await presentTopics(transport, names, { allowAutoTopicCreation, ...attempt }), allowAutoTopicCreation),
      isWorthwhile,
    )
  } catch (error) {
    if (!KafkaError.is(error) || limits.signal?.aborted) throw error
    // Also when the time is over: that it is not there is what there is to say.
    if (isNotFound(error.cause)) throw error.cause
    throw withOutcome(error, 'failed')
  }
}

/** @throws the gravest of what is wrong with one of them */
function found(answers: readonly AnswerOr<TopicMetadata>[], mayCreate: boolean): TopicMetadata[] {
  const problems = answers.flatMap((answer) => problemWith(answer, mayCreate) ?? [])
  const isFinal = (error: KafkaError): boolean => !error.retriable && !isNotFound(error)
  const gravest = problems.find(isFinal) ?? problems.find(isNotFound) ?? problems[0]
  if (gravest) throw gravest
  return answers as TopicMetadata[]
}

function problemWith(answer: AnswerOr<TopicMetadata>, mayCreate: boolean): KafkaError | undefined {
  if (!('error' in answer))
    return answer.partitions.length === 0 ? errorOfCode('LEADER_NOT_AVAILABLE', { topic: answer.topic }) : undefined
  const { error } = answer
  if (!mayCreate || !isNotFound(error)) return error
  return new TopicNotFoundError(
    `${error.message}, and the server does not create topics on first use; create it with admin.createTopic()`,
  )
}

function isNotFound(error: unknown): boolean {
  return TopicNotFoundError.is(error)
}
