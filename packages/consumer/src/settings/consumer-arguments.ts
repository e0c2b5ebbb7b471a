import type { TopicPartition } from '@kafkado/core'
import { isObject, refusedArgument, requireInteger } from '@kafkado/core/internal'

/** @throws InvalidRequestError that names the method, when the argument is not a function */
export function requireFunction(value: unknown, what: string): void {
  if (typeof value !== 'function') throw refusedArgument(what, 'must be a function', value)
}

/**
 * @throws InvalidRequestError that names the method, when an element is not a partition of a topic; it would otherwise
 *   pass for an unassigned one
 */
export function requirePartitions(value: unknown, what: string): asserts value is readonly TopicPartition[] {
  if (Array.isArray(value) && value.every(isPartition)) return
  throw refusedArgument(what, 'must be a list of partitions such as { topic, partition: 0 }', value)
}

/** @throws InvalidRequestError that names the method */
export function requirePosition(value: unknown, what: string): asserts value is TopicPartition & { offset: number } {
  if (!isPartition(value))
    throw refusedArgument(what, 'must be a position such as { topic, partition: 0, offset: 5 }', value)
  requireInteger((value as { offset?: unknown }).offset, `${what}: the offset`, 0)
}

function isPartition(value: unknown): value is TopicPartition {
  return isObject(value) && typeof value['topic'] === 'string' && Number.isSafeInteger(value['partition'])
}
