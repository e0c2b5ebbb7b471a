import { InvalidRequestError, TopicNotFoundError, type Transport } from '@kafkado/core'
import { presentTopics } from '@kafkado/core/internal'
import type { GraphNode, RepartitionNode, SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import { sourcesAbove, type Topology } from '../graph/topology.ts'

/**
 * How many partitions each topic has that the topology reads; those of repartition topics that do not exist yet are chosen here: as many as what they
 * are joined with, or as where their records come from.
 *
 * @throws TopicNotFoundError; InvalidRequestError when joined topics have different numbers of partitions
 */
export async function partitionCountsOf(
  transport: Transport,
  topology: Topology,
  names: InternalNames,
): Promise<Map<string, number>> {
  const sources = topology.subtopologies.flatMap((subtopology) => subtopology.sources)
  const given = [
    ...sources.filter((source) => source.kind === 'source').map(({ topic }) => topic.name),
    ...topology.globals.map(({ topic }) => topic.name),
  ]
  const counts = await existing(transport, [...new Set(given)], true)
  const own = sources.filter((source) => source.kind === 'repartition').map((source) => names.repartition(source))
  const before = await existing(transport, own, false)
  const joined = topology.nodes.filter((node) => node.kind === 'processor' && node.needsCopartitioning)
  const groups = joined.map((node) => ({ node, sources: [...sourcesAbove(node)] }))
  chooseCounts(sources, groups, topology, counts, before, names)
  for (const { node, sources: own } of groups) requireEqual(node, own, counts, names)
  return counts
}

interface JoinedSources {
  readonly node: GraphNode
  readonly sources: readonly (SourceNode | RepartitionNode)[]
}

/** One choice may depend on another, so those that can be made are made until none is left. */
function chooseCounts(
  sources: readonly (SourceNode | RepartitionNode)[],
  groups: readonly JoinedSources[],
  topology: Topology,
  counts: Map<string, number>,
  before: ReadonlyMap<string, number>,
  names: InternalNames,
): void {
  const open = new Set(sources.filter((source) => source.kind === 'repartition'))
  const countOf = (source: SourceNode | RepartitionNode): number | undefined => counts.get(names.topicOf(source))
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
        .flatMap((group) => group.sources.filter((one) => one.kind === 'source').map(countOf))
        .find((count) => count !== undefined)
      // A source that has grown is no reason for other partitions in between: records of a key meet as before.
      const kept = fixed ?? before.get(names.repartition(node))
      const writers = topology.subtopologies.filter((part) => part.nodes.includes(node))
      const above = writers.flatMap((part) => part.sources.map(countOf))
      const isKnown = above.every((count) => count !== undefined)
      if (kept === undefined && !isKnown) continue
      choose(node, kept ?? Math.max(1, ...(above as number[])))
      hasMoved = true
    }
  }
  // A circle of repartitions, of which each would wait for another.
  for (const node of open) choose(node, Math.max(1, ...counts.values()))
  // Repartition topics that are joined with one another agree on the greatest number.
  for (const { sources: own } of groups) {
    if (own.some(({ kind }) => kind === 'source')) continue
    const count = Math.max(...own.map((source) => countOf(source) ?? 1))
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
  const [first, ...others] = sources.map((source) => names.topicOf(source))
  const different = others.find((topic) => counts.get(topic) !== counts.get(first ?? ''))
  if (first === undefined || different === undefined) return
  throw new InvalidRequestError(
    `'${node.name}' needs topics with the same number of partitions, but '${first}' has ${counts.get(first)} and '${different}' has ${counts.get(different)}: records of a key would not meet; bring one of them to the other's number with repartition({ partitions: … })`,
  )
}

/** @param areRequired whether they have to be there, and are made where the server does that by itself */
async function existing(
  transport: Transport,
  topics: readonly string[],
  areRequired: boolean,
): Promise<Map<string, number>> {
  const answers = await presentTopics(transport, topics, { allowAutoTopicCreation: areRequired })
  return new Map(
    answers.flatMap((answer) => {
      if (!('error' in answer)) return [[answer.topic, answer.partitions.length] as const]
      if (TopicNotFoundError.is(answer.error) && !areRequired) return []
      throw answer.error
    }),
  )
}
