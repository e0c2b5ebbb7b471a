import { InvalidRequestError } from '@kafkado/core'
import { anyField, type ConfigFields } from '@kafkado/core/internal'
import type { ChoosePartition } from '../../processors/processor.ts'
import { sinkProcessor } from '../../processors/sink.ts'
import { mergeProcessor } from '../../processors/stateless.ts'
import type { GraphNode } from '../../graph/graph-node.ts'
import type { StreamParts } from '../parts.ts'
import { outputTopicOf } from '../serdes.ts'
import { type AnyProcessor, type ProcessOptions, processOptions, processStream } from './process.ts'

/**
 * A node of a topology built by hand, with the types of the records it forwards. It can be the parent of other nodes.
 * Made by `addSource` and `addProcessor`; a stream is a node, too. Kafka: the nodes of Topology, which only have names.
 */
export class TopologyNode<in out K, in out V> {
  /** @internal */
  readonly parts: StreamParts
  // As for a stream, the types are part of the node.
  declare readonly types: { key: K; value: V; take(key: K): void }

  /** @internal it comes from StreamsBuilder.addSource or addProcessor */
  constructor(parts: StreamParts) {
    this.parts = parts
  }

  /** The name for `forward(…, { to })`. */
  get name(): string {
    return this.parts.node.name
  }
}

/** One or several nodes that forward records of the same types. */
export type Parents<K, V> = HasParts<K, V> | readonly HasParts<K, V>[]

interface HasParts<K, V> {
  /** @internal */
  readonly parts: StreamParts
  readonly types: { key: K; value: V; take(key: K): void }
}

const { name: _name, ...withoutName } = processOptions
export const processorNodeOptions: ConfigFields<Omit<ProcessOptions, 'name'> & { parents: unknown }> = {
  ...withoutName,
  parents: anyField(),
}
export const sinkOptions: ConfigFields<{ parents: unknown; partition?: unknown }> = {
  parents: anyField(),
  partition: anyField(),
}

/** A source with a given name. */
export function namedSource(parts: StreamParts, name: string): StreamParts {
  const { graph, node } = parts
  return {
    ...parts,
    node: graph.whole.processor({
      operator: 'source',
      name,
      inputs: [node],
      build: mergeProcessor(1),
      keepsValues: true,
    }),
  }
}

export function namedProcessor(
  name: string,
  make: AnyProcessor,
  parents: Parents<never, never>,
  options: ProcessOptions,
): StreamParts {
  const { first, inputs } = joined(name, parents)
  return processStream(first, make, { ...options, name }, inputs)
}

export function namedSink(
  name: string,
  topic: unknown,
  parents: Parents<never, never>,
  partition: ChoosePartition | undefined,
): StreamParts {
  const { first, inputs } = joined(name, parents)
  const sink = outputTopicOf(first, topic)
  const node = first.graph.whole.processor({
    operator: `to ${sink.name}`,
    name,
    inputs,
    sinks: [sink],
    build: sinkProcessor(sink, partition, inputs.length),
  })
  return { ...first, node }
}

/** @throws InvalidRequestError when there is no parent */
function joined(name: string, parents: Parents<never, never>): { first: StreamParts; inputs: GraphNode[] } {
  const all = (
    Array.isArray(parents) ? (parents as readonly HasParts<never, never>[]) : [parents as HasParts<never, never>]
  ).map(({ parts }) => parts)
  const [first] = all
  if (!first)
    throw new InvalidRequestError(`'${name}' has no parents, so no record would ever come to it; give at least one`)
  for (const { graph } of all) first.graph.whole.absorb(graph)
  return { first, inputs: [...new Set(all.map(({ node }) => node))] }
}
