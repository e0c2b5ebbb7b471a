import type { AnyOperation, RequestOf, ResponseOf } from '@kafkado/core'
import { type ErrorFields, failed, type MeantTopic, noSuchPartition } from '@kafkado/core/internal/answers'
import type { Engine } from '../engine/engine.ts'
import type { Refusal } from '../refusals/refusal.ts'
import { wrongTopicId } from '../topic/meant-topic.ts'

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

/** What an element of a response says that was refused. */
export function refused({ errorName, message }: Refusal): ErrorFields {
  return failed(errorName, message)
}

/** As `noSuchPartition`, for operations whose requests may say the id of the topic they mean. */
export function noMeantPartition({ topics }: Engine, meant: MeantTopic, partition: number): ErrorFields {
  const wrong = wrongTopicId(topics, meant)
  if (wrong) return wrong
  return noSuchPartition(meant.topic, partition, topics.find(meant.topic)?.partitions.length)
}

/**
 * The two fields for a partition whose topic was there when the request came, and was deleted before it was answered.
 */
export function deletedMeanwhile(engine: Engine, meant: MeantTopic, partition: number): ErrorFields {
  if (meant.topicId) return noMeantPartition(engine, meant, partition)
  return failed('UNKNOWN_TOPIC_OR_PARTITION', `topic '${meant.topic}' was deleted while it was being read`)
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

export function duplicate(what: string): ErrorFields {
  return failed('INVALID_REQUEST', `${what} is named more than once in the request`)
}
