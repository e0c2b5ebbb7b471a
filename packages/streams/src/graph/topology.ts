import { InvalidRequestError } from '@kafkado/core'
import type { StoreDefinition } from '../state/store-definition.ts'
import type { Graph, PositionalName } from './graph.ts'
import { type GlobalTableNode, type GraphNode, isSource, type RepartitionNode, type SourceNode } from './graph-node.ts'
import { patternLineage, requirePatternsApart } from './topic-patterns.ts'

/** A part of the topology that runs in one task: nodes connected without an internal topic in between. */
export interface Subtopology {
  readonly id: number
  readonly sources: readonly (SourceNode | RepartitionNode)[]
  /** All other nodes, each after its inputs, including the repartitions that it writes to. */
  readonly nodes: readonly GraphNode[]
  readonly stores: readonly StoreDefinition[]
  readonly globals: readonly GlobalTableNode[]
  /**
   * The end of a topic's name; the owner of a partition of that topic runs the task with the same number. Nobody writes
   * to the topic. A subtopology that reads a pattern needs it, because no other topic is sure to exist and to have the
   * most partitions. Undefined without a pattern.
   */
  readonly tasksSuffix: string | undefined
  /** The repartitions it writes to that also pass records without a key. */
  readonly keepingNullKeys: ReadonlySet<GraphNode>
}

/** The runnable parts. Each runs once for every partition. */
export interface Topology {
  readonly nodes: readonly GraphNode[]
  readonly subtopologies: readonly Subtopology[]
  readonly globals: readonly GlobalTableNode[]
  /** The default names of state and topics. */
  readonly positions: ReadonlyMap<string, PositionalName>
}

/** @throws InvalidRequestError when there is nothing to run */
export function topologyOf(graph: Graph): Topology {
  const { nodes, globals, positions } = graph.whole
  if (nodes.length === 0 && globals.length === 0)
    throw new InvalidRequestError('the topology is empty: begin with stream(topic) or table(topic)')
  requirePatternsApart(nodes, globals)
  const groups = new Groups(nodes)
  for (const node of nodes) for (const input of node.inputs) if (node.kind !== 'repartition') groups.unite(node, input)
  // One task reads a partition, even if in several ways.
  const sources = nodes.filter((node) => node.kind === 'source')
  for (const source of sources)
    groups.unite(source, sources.find(({ topic }) => topic.name === source.topic.name) ?? source)
  // Operators that share a store must be in the same task.
  for (const [index, node] of nodes.entries()) {
    const sharing = nodes
      .slice(0, index)
      .find((before) => storesOf(before).some((store) => storesOf(node).includes(store)))
    if (sharing) groups.unite(node, sharing)
  }
  const bySubtopology = Map.groupBy(nodes, (node) => groups.rootOf(node))
  const subtopologies = [...bySubtopology.values()].map((own, id): Subtopology => {
    const written = nodes.filter((node) => node.kind === 'repartition' && own.includes(node.inputs[0] as GraphNode))
    const processors = own.filter((node) => node.kind === 'processor')
    const [pattern] = own.flatMap((node) => (node.kind === 'source' && node.pattern) || [])
    return {
      id,
      sources: own.filter(isSource),
      tasksSuffix: pattern && `${patternLineage(pattern)}-tasks`,
      nodes: [...own.filter((node) => !isSource(node)), ...written],
      stores: [...new Set(processors.flatMap(({ stores }) => stores))],
      globals: [...new Set(processors.flatMap((node) => node.globals))],
      keepingNullKeys: new Set(written.filter((node) => keepsNullKeys(node, nodes))),
    }
  })
  return { nodes, subtopologies, globals, positions }
}

const storesOf = (node: GraphNode): readonly StoreDefinition[] => (node.kind === 'processor' ? node.stores : [])

/** Whether records without a key pass through a repartition: if any node behind it, in any task, processes them. */
function keepsNullKeys(node: GraphNode, nodes: readonly GraphNode[]): boolean {
  if (node.kind === 'repartition' && node.keepsNullKeys) return true
  const reached = new Set<GraphNode>([node])
  // The loop also visits nodes that it adds.
  for (const one of reached)
    for (const next of nodes) {
      if (!next.inputs.includes(one)) continue
      if (next.kind === 'processor' && next.takesNullKeys) return true
      reached.add(next)
    }
  return false
}

/** The sources of a node's records within its subtopology. */
export function sourcesAbove(node: GraphNode): Set<SourceNode | RepartitionNode> {
  if (isSource(node)) return new Set([node])
  return new Set(node.inputs.flatMap((input) => [...sourcesAbove(input)]))
}

/** Groups connected nodes. */
class Groups {
  readonly #parents: Map<GraphNode, GraphNode>

  constructor(nodes: readonly GraphNode[]) {
    this.#parents = new Map(nodes.map((node) => [node, node]))
  }

  rootOf(node: GraphNode): GraphNode {
    const parent = this.#parents.get(node) ?? node
    return parent === node ? node : this.rootOf(parent)
  }

  /** The earlier node stays the root, so that parts are numbered in the order of their sources. */
  unite(node: GraphNode, input: GraphNode): void {
    this.#parents.set(this.rootOf(node), this.rootOf(input))
  }
}
