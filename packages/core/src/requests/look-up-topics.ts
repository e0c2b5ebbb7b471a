import { errorOfCode } from '../errors/error-of-code.ts'
import { KafkaError, TopicNotFoundError } from '../errors/kafka-error.ts'
import { withOutcome } from '../errors/with-outcome.ts'
import type { Transport } from '../transport/transport.ts'
import type { AnswerOr } from './partition-refusal.ts'
import { unknownTopicPatienceMs as defaultPatienceMs } from '../retry/patience.ts'
import { presentTopics, type TopicMetadata } from './present-topics.ts'
import { type AnswerLimits, untilAnswered } from '../retry/until-answered.ts'

export interface TopicLookUp extends AnswerLimits {
  /** Whether to create a missing topic, if the server permits it. */
  readonly allowAutoTopicCreation: boolean
  /**
   * How long to wait for a topic that the server does not know, in milliseconds. Default 1 s. Set it to 0 to learn
   * whether the topic exists now.
   */
  readonly unknownTopicPatienceMs?: number | undefined
}

/**
 * Looks up topics: the only way in which clients wait for them. It retries while the server cannot be reached or does
 * not answer, or a topic has no partitions yet, until the caller's time is over. It waits only shortly for an unknown
 * topic.
 *
 * @returns the topics in the order of their names, each with its partitions
 * @throws TopicNotFoundError; TimeoutError when `timeoutMs` is over; UnauthorizedError and other errors that a retry
 *   cannot cure. The outcome is always `failed`, as a look-up writes nothing. When the signal aborts: its reason
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
    // Even if the time is over: the missing topic is the reason to report.
    if (isNotFound(error.cause)) throw error.cause
    throw withOutcome(error, 'failed')
  }
}

/** @throws the gravest error among the topics */
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
    `${error.message}, and a setting or a missing right kept it from being created; create it with admin.createTopic()`,
  )
}

function isNotFound(error: unknown): boolean {
  return TopicNotFoundError.is(error)
}
