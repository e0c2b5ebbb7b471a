import { InvalidRequestError } from '@kafkado/core'
import { fanOut, type Forward, type NodeContext } from '../processors/processor.ts'
import { writing } from '../processors/sink.ts'
import { type AnyTopic, type GraphNode, isSource } from './graph-node.ts'
import type { InternalNames } from './internal-names.ts'
import type { Subtopology } from './topology.ts'

/** The program of a task: for each topic, the functions that take its records. */
export type CompiledTask = ReadonlyMap<string, readonly { readonly source: GraphNode; readonly forward: Forward }[]>

/**
 * Topics whose values stay as they were read, because the operators before them only choose and key them: their bytes
 * need not be made again.
 */
export type UnchangedSinks = ReadonlySet<AnyTopic>

/** Connects the operators of a subtopology for one task. Each operator calls the functions of those that follow. */
export function compile(
  { sources, nodes, keepingNullKeys }: Subtopology,
  context: NodeContext,
  names: InternalNames,
): { inputs: CompiledTask; unchanged: UnchangedSinks } {
  const unchanged = new Set<AnyTopic>()
  const built = new Map<GraphNode, readonly Forward[]>()
  const following = (node: GraphNode, isLate: boolean): Forward =>
    fanOut(
      nodes.flatMap((next) =>
        next.inputs.flatMap((input, index) =>
          input === node && (next.kind === 'late') === isLate ? [context.guarded(inputOf(next, index))] : [],
        ),
      ),
    )
  const childOf = (node: GraphNode, name: string): Forward => {
    const children = nodes.filter((next) => next.kind !== 'late' && next.inputs.includes(node))
    const child = children.find((next) => next.name === name)
    if (child) return context.guarded(inputOf(child, child.inputs.indexOf(node)))
    throw new InvalidRequestError(
      `'${node.name}' has nothing behind it that is named '${name}', ` +
        `only ${children.map((next) => `'${next.name}'`).join(', ') || 'nothing at all'}`,
    )
  }
  const inputOf = (node: GraphNode, index: number): Forward => {
    const inputs = built.get(node) ?? build(node)
    built.set(node, inputs)
    return inputs[index] as Forward
  }
  const build = (node: GraphNode): readonly Forward[] => {
    switch (node.kind) {
      case 'processor':
        for (const sink of node.sinks) if (areAsRead(node.inputs, sink.value)) unchanged.add(sink)
        return node.build(context, following(node, false), following(node, true), node.name, (name) =>
          childOf(node, name),
        )
      case 'late':
        return [following(node, false)]
      case 'repartition': {
        const topic: AnyTopic = { name: names.repartition(node), key: node.keySerde, value: node.valueSerde }
        if (areAsRead(node.inputs, topic.value)) unchanged.add(topic)
        const write = writing(node.partition)
        if (keepingNullKeys.has(node)) return [(key, value, timestamp) => write(context, topic, key, value, timestamp)]
        return [
          (key, value, timestamp) => {
            // Without a key it has no partition.
            if (key === null || key === undefined) context.drop('null-key')
            else write(context, topic, key, value, timestamp)
          },
        ]
      }
      case 'source':
        return [following(node, false)]
    }
  }
  const compiled = Map.groupBy(
    sources.map((source) => ({ source, forward: following(source, false) })),
    ({ source }) => names.topicOf(source),
  )
  // An operator without a path from a source, such as a table that no operator reads, still has its store.
  for (const node of nodes) if (!isSource(node)) inputOf(node, 0)
  return { inputs: compiled, unchanged }
}

/** Whether all records of these nodes have unchanged values of sources with the same serde. */
function areAsRead(inputs: readonly GraphNode[], serde: AnyTopic['value']): boolean {
  return inputs.every((node) => {
    if (node.kind === 'source') return node.topic.value === serde
    if (node.kind === 'repartition') return node.valueSerde === serde
    return node.kind === 'processor' && node.keepsValues && areAsRead(node.inputs, serde)
  })
}
