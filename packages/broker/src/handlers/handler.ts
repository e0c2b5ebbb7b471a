import type { AnyOperation, KafkaErrorName, RequestOf, ResponseOf } from '@kafkado/core'
import { codeOf } from '@kafkado/core'
import { errorDescriptions } from '@kafkado/core/internal'
import type { Engine } from '../engine.ts'

/** What carries out one operation on the engine. Named as the operation's file in core is. */
export type Handler<O extends AnyOperation> = (
  engine: Engine,
  request: RequestOf<O>,
  signal: AbortSignal | undefined,
) => ResponseOf<O> | Promise<ResponseOf<O>>

/** The two fields by which an element of a response says that it succeeded. */
export const succeeded = { errorCode: 0, errorMessage: null }

/** The two fields by which an element of a response says why it failed. */
export function failed(
  name: KafkaErrorName,
  message: string = errorDescriptions[name],
): { errorCode: number; errorMessage: string } {
  return { errorCode: codeOf(name), errorMessage: message }
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
