import type { ConfigField } from '@kafkado/core/internal'
import {
  field,
  integerField,
  isDuration,
  isPlainObject,
  refusedArgument,
  requireInteger,
  requireTimestamp,
  toMilliseconds,
} from '@kafkado/core/internal'

/**
 * Checks shared by all actions. They run before anything is sent. A mistyped value must not count as left out, nor as
 * another one: `{ timestmp }`, or a Date taken for a list of partitions, would do nothing and report success.
 */

/** The largest 32-bit number, Kafka's limit. The server decides how many it allows. */
const mostPartitions = 2 ** 31 - 1

export const partitionsField = (): ConfigField => integerField(1, mostPartitions)

/** −1 means for ever. A topic's configuration has only whole milliseconds. */
export const retentionField = (): ConfigField =>
  field(
    (value) => value === -1 || (isDuration(value) && Number.isSafeInteger(toMilliseconds(value, 'retentionMs'))),
    "must be whole milliseconds from 0 up, a string like '12h' or '7d', or -1 for ever",
  )

export const topicConfigField = (): ConfigField =>
  field(
    (value) => isPlainObject(value) && Object.values(value).every((setting) => typeof setting === 'string'),
    "must be an object of strings by Kafka's names, such as { 'max.message.bytes': '2000000' }",
  )

/** A place in the logs of a topic: the same place in each, one offset for all, or an offset for some of them. */
export type Place =
  | { readonly position: 'earliest' | 'latest' | { readonly timestamp: number } }
  | { readonly offset: number }
  | { readonly offsets: ReadonlyMap<number, number> }

/** @throws InvalidRequestError that names the argument and its valid values */
export function requireResetPlace(value: unknown, what: string): Exclude<Place, { offsets: unknown }> {
  if (hasOnly(value, 'offset')) return { offset: requireInteger(value['offset'], `${what}.offset`, 0) }
  const position = positionOf(value, what)
  if (position !== undefined) return { position }
  throw refusedArgument(what, "must be 'earliest', 'latest', { timestamp } or { offset }", value)
}

/** @throws InvalidRequestError that names the argument and its valid values */
export function requireDeletePlace(value: unknown, what: string): Place {
  if (typeof value === 'number') return { offset: requireInteger(value, what, 0) }
  const position = positionOf(value, what)
  if (position !== undefined) return { position }
  const entries = isPlainObject(value) ? Object.entries(value) : []
  if (entries.length > 0 && entries.every(([partition]) => isPartition(partition))) {
    const offsets = entries.map(
      ([partition, offset]) => [Number(partition), requireInteger(offset, `${what}[${partition}]`, 0)] as const,
    )
    return { offsets: new Map(offsets) }
  }
  const expectation =
    "must be an offset, 'earliest', 'latest', { timestamp }, or offsets by partition such as { 0: 100, 1: 250 }"
  throw refusedArgument(what, expectation, value)
}

function positionOf(value: unknown, what: string): 'earliest' | 'latest' | { timestamp: number } | undefined {
  if (value === 'earliest' || value === 'latest') return value
  return hasOnly(value, 'timestamp')
    ? { timestamp: requireTimestamp(value['timestamp'], `${what}.timestamp`) }
    : undefined
}

function isPartition(name: string): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(name) && Number(name) < mostPartitions
}

function hasOnly(value: unknown, name: string): value is Record<string, unknown> {
  return isPlainObject(value) && Object.keys(value).join() === name
}
