import type { TopicDefinition } from '@kafkado/core'
import { branchProcessor, chosenSinkProcessor, sinkProcessor } from '../../processors/sink.ts'
import type { ChoosePartition } from '../../processors/processor.ts'
import type { ValueFunction } from '../../processors/stateless.ts'
import { optionsOf, partitionOptions } from '../operator-options.ts'
import type { StreamParts } from '../parts.ts'
import { outputTopicOf } from '../serdes.ts'
import { valueFunction } from '../value-function.ts'
import type { Select } from './stream-options.ts'

type AnyTopic = TopicDefinition<unknown, unknown>

interface WriteOptions {
  partition?: ChoosePartition | undefined
  name?: string | undefined
}

/** Writes records to a topic, or each to the topic that a function chooses. */
export function writeTo(parts: StreamParts, topic: unknown, options: WriteOptions, operator = 'to'): void {
  const { partition, name } = optionsOf(operator, partitionOptions, options) as WriteOptions
  const { node } = parts
  const graph = parts.graph.whole
  if (typeof topic === 'function') {
    const topics = new Map<unknown, AnyTopic>()
    const topicOf = (chosen: unknown): AnyTopic => {
      if (typeof chosen !== 'string') return outputTopicOf(parts, chosen)
      let known = topics.get(chosen)
      if (!known) topics.set(chosen, (known = outputTopicOf(parts, chosen)))
      return known
    }
    const build = chosenSinkProcessor(topic as ValueFunction<unknown>, topicOf, partition)
    graph.processor({ operator: 'to a chosen topic', name, inputs: [node], build })
    return
  }
  const sink = outputTopicOf(parts, topic)
  const build = sinkProcessor(sink, partition)
  graph.processor({ operator: `to ${sink.name}`, name, inputs: [node], sinks: [sink], build })
}

/** Writes records to a topic and reads them back. */
export function writeThrough(parts: StreamParts, topic: unknown, options: WriteOptions): StreamParts {
  writeTo(parts, topic, options, 'through')
  const { graph } = parts
  const output = outputTopicOf(parts, topic)
  const node = graph.whole.source({ topic: output, timestampOf: undefined, invalidTimestamp: 'fail' })
  const { key, value, name } = output
  return { graph, node, key, value, lineage: name, keyLabel: undefined, isRekeyed: false }
}

/** Writes each record to the topic of the first matching predicate. */
export function branchTo<K, V>(
  parts: StreamParts,
  branches: readonly (readonly [predicate: Select<K, V, boolean>, topic: unknown])[],
  name: string | undefined,
): void {
  const pairs = branches.map(([predicate, topic]): readonly [ValueFunction<unknown>, AnyTopic] => [
    valueFunction(predicate),
    outputTopicOf(parts, topic),
  ])
  const sinks = pairs.map(([, sink]) => sink)
  parts.graph.whole.processor({
    operator: 'branch',
    name,
    inputs: [parts.node],
    sinks,
    build: branchProcessor(pairs),
  })
}
