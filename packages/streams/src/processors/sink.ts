import { InvalidRequestError, type TopicDefinition } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import {
  type BuildProcessor,
  type ChoosePartition,
  type ChosenPartition,
  enter,
  type Forward,
  type NodeContext,
  requireAnswer,
} from './processor.ts'
import type { ValueFunction } from './stateless.ts'

type AnyTopic = TopicDefinition<unknown, unknown>
type Write = (context: NodeContext, topic: AnyTopic, key: unknown, value: unknown, timestamp: number) => void

/**
 * Writes each record to a topic, with so many inputs.
 *
 * @param partition chooses its partition; undefined chooses by its key
 */
export function sinkProcessor(sink: AnyTopic, partition?: ChoosePartition, inputs = 1): BuildProcessor {
  const write = writing(partition)
  return (context, _forward, _late, name) => {
    const take: Forward = (key, value, timestamp) => {
      context.operator = name
      write(context, sink, key, value, timestamp)
    }
    return Array.from({ length: inputs }, () => take)
  }
}

/**
 * Writes each record to the topic that a function names.
 *
 * @param topicOf finds the topic for an answer of the function
 */
export function chosenSinkProcessor(
  choose: ValueFunction<unknown>,
  topicOf: (chosen: unknown) => AnyTopic,
  partition?: ChoosePartition,
): BuildProcessor {
  const write = writing(partition)
  return (context, _forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      const topic = topicOf(requireAnswer(choose(value, key, context.current), 'to'))
      write(context, topic, key, value, timestamp)
    },
  ]
}

/** Writes each record to the topic of the first matching predicate. */
export function branchProcessor(branches: readonly (readonly [ValueFunction<unknown>, AnyTopic])[]): BuildProcessor {
  return (context, _forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      for (const [predicate, sink] of branches) {
        if (!requireAnswer(predicate(value, key, context.current), 'branch')) continue
        context.send(sink, key, value, timestamp)
        return
      }
      context.drop('no-branch')
    },
  ]
}

/** How to write records whose partition is chosen in this way. */
export function writing(partition: ChoosePartition | undefined): Write {
  if (!partition) return (context, topic, key, value, timestamp) => context.send(topic, key, value, timestamp)
  return (context, topic, key, value, timestamp) =>
    context.send(topic, key, value, timestamp, {
      partition: (partitions) => {
        const chosen = chosenOf(partition, topic.name, value, key, partitions)
        if (Array.isArray(chosen) && chosen.length === 0) context.drop('no-partition')
        return chosen
      },
    })
}

/** @throws InvalidRequestError that names the topic when it has no such partition */
function chosenOf(
  partition: ChoosePartition,
  topic: string,
  value: unknown,
  key: unknown,
  partitions: number,
): ChosenPartition {
  const chosen = askedOf(partition, topic, value, key, partitions)
  if (chosen === undefined) return undefined
  const all: readonly unknown[] = Array.isArray(chosen) ? chosen : [chosen]
  const wrong = all.find((one) => !Number.isInteger(one) || (one as number) < 0 || (one as number) >= partitions)
  // `find` cannot tell an undefined entry from a missing one.
  if (wrong === undefined && !all.includes(undefined))
    return Array.isArray(chosen) ? [...new Set(chosen as number[])] : chosen
  throw new InvalidRequestError(
    `topic '${topic}' has ${partitions} partitions, and { partition } has chosen ${String(wrong)}: it has to return` +
      ` a whole number from 0 to ${partitions - 1}, a list of them, or undefined for the partition of the key`,
  )
}

function askedOf(
  partition: ChoosePartition,
  topic: string,
  value: unknown,
  key: unknown,
  partitions: number,
): ChosenPartition {
  try {
    return requireAnswer(partition(value, key, partitions), 'to')
  } catch (cause) {
    // The kind says that the record alone is at fault.
    const because = messageOf(cause)
    throw new InvalidRequestError(`topic '${topic}': { partition } has failed: ${because}`, { cause })
  }
}
