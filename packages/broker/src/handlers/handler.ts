import type { AnyOperation, KafkaErrorName, RequestOf, ResponseOf } from '@kafkado/core'
import { codeOf } from '@kafkado/core'
import { errorDescriptions } from '@kafkado/core/internal'
import type { Engine } from '../engine/engine.ts'
import type { Refusal } from '../refusals/refusal.ts'
import { type MeantTopic, wrongId } from '../topic/meant-topic.ts'

/** What carries out one operation on the engine. Named as the operation's file in core is. */
export type Handler<O extends AnyOperation> = (
  engine: Engine,
  request: RequestOf<O>,
  signal: AbortSignal | undefined,
) => ResponseOf<O> | Promise<ResponseOf<O>>

/** An operation, and what carries it out. */
export interface Handled {
  readonly operation: AnyOperation
  readonly handle: Handler<AnyOperation>
}

/** Says what carries an operation out. Each is listed in handlers/index.ts. */
export function handles<O extends AnyOperation>(operation: O, handle: Handler<O>): Handled {
  return { operation, handle: handle as Handler<AnyOperation> }
}

/** The two fields by which an element of a response says that it succeeded. */
export const succeeded = { errorCode: codeOf('NONE'), errorMessage: null }

/** The two fields by which an element of a response says why it failed. */
export function failed(
  name: KafkaErrorName,
  message: string = errorDescriptions[name],
): { errorCode: number; errorMessage: string } {
  return { errorCode: codeOf(name), errorMessage: message }
}

/** As `failed`, of what was refused. */
export function refused({ errorName, message }: Refusal): ReturnType<typeof failed> {
  return failed(errorName, message)
}

/** As `noSuchPartition`, for operations whose requests may say the id of the topic they mean. */
export function noMeantPartition(
  { topics }: Engine,
  meant: MeantTopic,
  partition: number,
): { errorCode: number; errorMessage: string } {
  const wrong = wrongId(topics, meant)
  if (wrong) return refused(wrong)
  return noSuchPartition(meant.topic, partition, topics.find(meant.topic)?.partitions.length)
}

/**
 * The two fields for a partition whose topic was there when the request came, and was deleted before it was answered.
 */
export function deletedMeanwhile(
  engine: Engine,
  meant: MeantTopic,
  partition: number,
): { errorCode: number; errorMessage: string } {
  if (meant.topicId) return noMeantPartition(engine, meant, partition)
  return failed('UNKNOWN_TOPIC_OR_PARTITION', `topic '${meant.topic}' was deleted while it was being read`)
}

export function noSuchPartition(
  topic: string,
  partition: number,
  partitionCount: number | undefined,
): { errorCode: number; errorMessage: string } {
  const message =
    partitionCount === undefined
      ? `there is no topic '${topic}'`
      : `topic '${topic}' has ${partitionCount} partitions, so there is no partition ${partition}`
  return failed('UNKNOWN_TOPIC_OR_PARTITION', message)
}

/**
 * What a request names more than once, which is refused as a whole wherever it would be changed: nobody can tell which
 * of the two was meant. Empty for nearly all requests.
 */
export function namedTwice(names: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) twice.add(name)
    seen.add(name)
  }
  return twice
}

export function duplicate(what: string): { errorCode: number; errorMessage: string } {
  return failed('INVALID_REQUEST', `${what} is named more than once in the request`)
}
