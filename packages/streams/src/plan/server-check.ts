import { createAdmin } from '@kafkado/admin'
import type { Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import { topicsOf } from '../graph/topic-patterns.ts'
import type { Topology } from '../graph/topology.ts'
import { type Orphan, orphansOf } from './own-topics.ts'
import { partitionCountsOf } from './partition-counts.ts'
import { type Plan, planOf } from './plan.ts'
import { requireStateInPlace } from './require-fitting.ts'
import { presentSources } from './sources-at-start.ts'

/** Describes the server as a start would find it. */
export interface ServerCheck {
  readonly plan: Plan
  /** Source topics that do not exist. The numbers of partitions assume one partition for each of them. */
  readonly missingSources: readonly string[]
  /** The patterns and their matching topics. */
  readonly patterns: readonly { readonly pattern: string; readonly topics: readonly string[] }[]
  /**
   * Internal topics that a start would make; with 0 partitions if they are made only when a topic matches a pattern.
   */
  readonly made: readonly { readonly topic: string; readonly partitions: number }[]
  /** Topics with a wrong number of partitions. */
  readonly otherCounts: readonly { readonly topic: string; readonly partitions: number; readonly needed: number }[]
  /** Changelogs without a store: a start is refused unless they are dropped. */
  readonly orphans: readonly Orphan[]
}

/**
 * Checks a server for a start, and changes nothing.
 *
 * @throws InvalidRequestError when joined topics have different numbers of partitions
 */
export async function checkServer(
  transport: Transport,
  topology: Topology,
  names: InternalNames,
  application: string,
  last: Plan | undefined,
): Promise<ServerCheck> {
  const admin = createAdmin(transport)
  const [topics, groups] = await Promise.all([admin.listTopics(), admin.listGroups()])
  const existing = new Map(topics.map(({ name, partitions }) => [name, partitions]))
  const sources = topology.nodes.filter((node) => node.kind === 'source')
  const named = sources.filter(({ pattern }) => !pattern)
  const read = [...new Set([...named, ...topology.globals].map(({ topic }) => topic.name))]
  const missingSources = read.filter((topic) => !existing.has(topic))
  const place = { transport, topology, names, application }
  const counts = new Map(
    missingSources.length === 0 ? await partitionCountsOf(transport, topology, names, await presentSources(place)) : [],
  )
  const all = (): boolean => true
  // A start is refused for it as well, unless it is dropped.
  for (const changelog of await requireStateInPlace(place, counts, () => false, all)) counts.delete(changelog)
  const plan = planOf(topology, names, application, counts)
  const wanted = [
    ...plan.stores.map(({ changelog, partitions }) => ({ topic: changelog, partitions, isForTasks: undefined })),
    ...plan.repartitions.map(({ topic, partitions, isForTasks }) => ({ topic, partitions, isForTasks })),
  ]
  const otherCounts = wanted
    .filter(({ partitions, isForTasks }) => partitions > 0 && !isForTasks)
    .map(({ topic, partitions }) => ({ topic, partitions: existing.get(topic) ?? partitions, needed: partitions }))
    .filter(({ partitions, needed }) => partitions !== needed && missingSources.length === 0)
  return {
    plan,
    missingSources,
    patterns: sources
      .filter(({ pattern }) => pattern)
      .map((source) => ({ pattern: source.topic.name, topics: topicsOf(source, names, existing.keys()) })),
    made: wanted.filter(({ topic }) => !existing.has(topic)).map(({ topic, partitions }) => ({ topic, partitions })),
    otherCounts,
    orphans: await orphansOf(transport, plan, last, {
      topics: [...existing.keys()],
      groups: groups.map(({ id }) => id),
    }),
  }
}
