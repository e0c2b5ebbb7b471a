import { InvalidRequestError, type Transport } from '@kafkado/core'
import type { GraphNode, RepartitionNode, SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import { topicsOf } from '../graph/topic-patterns.ts'
import { sourcesAbove, type Topology } from '../graph/topology.ts'
import { partitionsOf } from './partitions-of.ts'

/**
 * The numbers of partitions of all topics in the topology. Chooses those of repartition topics that do not exist yet:
 * as many as their join partner has, or as the source of their records. The number is 0 while it depends on a pattern
 * that matches no topic.
 *
 * @param given the numbers of topics that are not the application's own
 * @throws InvalidRequestError when joined topics have different numbers of partitions, or two patterns match one topic
 */
export async function partitionCountsOf(
  transport: Transport,
  topology: Topology,
  names: InternalNames,
  given: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const sources = topology.subtopologies.flatMap((subtopology) => subtopology.sources)
  const counts = new Map(given)
  const sharing = topology.subtopologies.filter(({ tasksSuffix }) => tasksSuffix !== undefined)
  const internal = [
    ...sources.filter((source) => source.kind === 'repartition').map((source) => names.repartition(source)),
    ...sharing.flatMap((part) => [names.tasks(part) as string, ...part.stores.map((store) => names.changelog(store))]),
  ]
  const before = await partitionsOf(transport, internal)
  const joined = topology.nodes.filter((node) => node.kind === 'processor' && node.needsCopartitioning)
  const groups = joined.map((node) => ({ node, sources: [...sourcesAbove(node)] }))
  chooseCounts(sources, groups, topology, counts, before, names)
  for (const { node, sources: own } of groups) requireEqual(node, own, counts, names)
  for (const part of sharing) {
    const tasks = names.tasks(part) as string
    counts.set(
      tasks,
      Math.max(1, before.get(tasks) ?? 0, ...part.sources.map((one) => countOf(one, names, counts) ?? 0)),
    )
    // The topic with the most partitions may be gone. State made of the others stays in its partitions.
    for (const store of part.stores) {
      const changelog = names.changelog(store)
      if (before.has(changelog)) counts.set(changelog, before.get(changelog) as number)
    }
  }
  return counts
}

/**
 * The number of partitions of a source: the most of any topic that it reads, 0 if its pattern matches none. Undefined
 * while unknown.
 */
export function countOf(
  source: SourceNode | RepartitionNode,
  names: InternalNames,
  counts: ReadonlyMap<string, number>,
): number | undefined {
  if (source.kind === 'repartition' || !source.pattern) return counts.get(names.topicOf(source))
  return Math.max(0, ...topicsOf(source, names, counts.keys()).map((topic) => counts.get(topic) ?? 0))
}

interface JoinedSources {
  readonly node: GraphNode
  readonly sources: readonly (SourceNode | RepartitionNode)[]
}

/** One choice may depend on another, so each round makes the possible ones until none is left. */
function chooseCounts(
  sources: readonly (SourceNode | RepartitionNode)[],
  groups: readonly JoinedSources[],
  topology: Topology,
  counts: Map<string, number>,
  before: ReadonlyMap<string, number>,
  names: InternalNames,
): void {
  const open = new Set(sources.filter((source) => source.kind === 'repartition'))
  const known = (source: SourceNode | RepartitionNode): number | undefined => countOf(source, names, counts)
  const choose = (node: RepartitionNode, count: number): void => {
    counts.set(names.repartition(node), count)
    open.delete(node)
  }
  for (const node of open) if (node.partitions !== undefined) choose(node, node.partitions)
  for (let hasMoved = true; hasMoved && open.size > 0;) {
    hasMoved = false
    for (const node of open) {
      const fixed = groups
        .filter((group) => group.sources.includes(node))
        .flatMap((group) => group.sources.filter((one) => one.kind === 'source').map(known))
        .find((count) => count !== undefined && count > 0)
      // A grown source does not change the topics behind it: records of a key still meet there.
      const kept = fixed ?? before.get(names.repartition(node))
      const writers = topology.subtopologies.filter((part) => part.nodes.includes(node))
      const above = writers.flatMap((part) => part.sources.map(known))
      const isKnown = above.every((count) => count !== undefined)
      if (kept === undefined && !isKnown) continue
      choose(node, kept ?? Math.max(...(above as number[])))
      hasMoved = true
    }
  }
  // Repartitions in a circle would wait for one another.
  const least = sources.some((source) => known(source) === 0) ? 0 : 1
  for (const node of open) choose(node, Math.max(least, ...counts.values()))
  // Joined repartition topics agree on the greatest number.
  for (const { sources: own } of groups) {
    if (own.some(({ kind }) => kind === 'source')) continue
    const count = Math.max(...own.map((source) => known(source) ?? 1))
    for (const node of own)
      if (node.kind === 'repartition' && node.partitions === undefined) counts.set(names.repartition(node), count)
  }
}

function requireEqual(
  node: GraphNode,
  sources: readonly (SourceNode | RepartitionNode)[],
  counts: ReadonlyMap<string, number>,
  names: InternalNames,
): void {
  const [first, ...others] = sources
    .flatMap((source) => topicsOf(source, names, counts.keys()))
    .filter((topic) => counts.get(topic) !== 0)
  const different = others.find((topic) => counts.get(topic) !== counts.get(first ?? ''))
  if (first === undefined || different === undefined) return
  throw new InvalidRequestError(
    `'${node.name}' needs topics with the same number of partitions, ` +
      `but '${first}' has ${counts.get(first)} and '${different}' has ${counts.get(different)}: ` +
      "records of a key would not meet; bring one of them to the other's number with repartition({ partitions: … })",
  )
}
