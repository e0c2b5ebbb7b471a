import type { AnyOperation, RequestOf, ResponseOf } from '@kafkado/core'
import { type ErrorFields, failed, type MeantTopic, noSuchPartition } from '@kafkado/core/internal/answers'
import type { Engine } from '../engine/engine.ts'
import type { Refusal } from '../refusals/refusal.ts'
import { wrongTopicId } from '../topic/meant-topic.ts'

/** Carries out one operation on the engine. Its file has the name of the operation's file in core. */
export type Handler<O extends AnyOperation> = (
  engine: Engine,
  request: RequestOf<O>,
  signal: AbortSignal | undefined,
  /** Who asks. Producer ids given to a principal are its own. */
  principal?: string,
) => ResponseOf<O> | Promise<ResponseOf<O>>

/** An operation and its handler. */
export interface Handled {
  readonly operation: AnyOperation
  readonly handle: Handler<AnyOperation>
}

/** Defines the handler of an operation. Each is listed in handlers/index.ts. */
export function handles<O extends AnyOperation>(operation: O, handle: Handler<O>): Handled {
  return { operation, handle: handle as Handler<AnyOperation> }
}

/** The error fields of a refused element in a response. */
export function refused({ errorName, message }: Refusal): ErrorFields {
  return failed(errorName, message)
}

/** Like `noSuchPartition`, for operations whose requests may carry the topic id they mean. */
export function noMeantPartition({ topics }: Engine, meant: MeantTopic, partition: number): ErrorFields {
  const wrong = wrongTopicId(topics, meant)
  if (wrong) return wrong
  return noSuchPartition(meant.topic, partition, topics.find(meant.topic)?.partitions.length)
}

/** The error fields for a partition whose topic was deleted between the request and its answer. */
export function deletedMeanwhile(engine: Engine, meant: MeantTopic, partition: number): ErrorFields {
  if (meant.topicId) return noMeantPartition(engine, meant, partition)
  return failed('UNKNOWN_TOPIC_OR_PARTITION', `topic '${meant.topic}' was deleted while it was being read`)
}

/**
 * Names that occur more than once in a request. A change of them is refused, because nobody knows which of the two was
 * meant. Empty for nearly all requests.
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

export function duplicate(what: string): ErrorFields {
  return failed('INVALID_REQUEST', `${what} is named more than once in the request`)
}
