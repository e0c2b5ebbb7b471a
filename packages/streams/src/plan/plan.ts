import type { InternalNames } from '../graph/internal-names.ts'
import type { PositionalName } from '../graph/graph.ts'
import type { Topology } from '../graph/topology.ts'
import { countOf } from './partition-counts.ts'

/** Everything an application keeps on the server, and would lose if a later version no longer knew it. */
export interface Plan {
  readonly version: 1
  readonly application: string
  readonly stores: readonly PlannedStore[]
  readonly repartitions: readonly PlannedRepartition[]
}

export interface PlannedStore {
  readonly name: string
  readonly kind: string
  /** For windows written without their end. A store with windows of another size cannot be read. */
  readonly windowSizeMs: number | null
  readonly purpose: string
  readonly changelog: string
  /** 0 while it does not exist, because its pattern has matched no topic; it is made with the first match. */
  readonly partitions: number
  /** Set for default names. */
  readonly position?: PositionalName | undefined
}

export interface PlannedRepartition {
  readonly topic: string
  readonly reason: string
  /** 0 while it depends on a pattern that matches no topic; it is made with the first match. */
  readonly partitions: number
  /** Whether it only decides who runs which task. Nobody writes to it, so it may get more partitions. */
  readonly isForTasks?: true
  readonly position?: PositionalName | undefined
}

export function planOf(
  topology: Topology,
  names: InternalNames,
  application: string,
  partitionCounts: ReadonlyMap<string, number>,
): Plan {
  const stores = topology.subtopologies.flatMap(({ stores: own, sources }) => {
    const needed = Math.max(0, ...sources.map((source) => countOf(source, names, partitionCounts) ?? 1))
    return own
      .filter(({ isLogged }) => isLogged)
      .map((store) => {
        const { name, kind, purpose } = store
        const windowSizeMs = store.windowSizeMs === Infinity ? null : store.windowSizeMs
        const position = topology.positions.get(name)
        // The topic it was made of may be gone.
        const partitions = Math.max(needed, partitionCounts.get(names.changelog(store)) ?? 0)
        return { name, kind, windowSizeMs, purpose, changelog: names.changelog(store), partitions, position }
      })
  })
  const repartitions = topology.nodes
    .filter((node) => node.kind === 'repartition')
    .map((node) => {
      const topic = names.repartition(node)
      const position = topology.positions.get(node.topicSuffix)
      return { topic, reason: node.reason, partitions: partitionCounts.get(topic) ?? 1, position }
    })
  const tasks = topology.subtopologies.flatMap((part): PlannedRepartition[] => {
    const topic = names.tasks(part)
    if (topic === undefined) return []
    const reason = 'its partitions say which member runs which task'
    return [{ topic, reason, partitions: partitionCounts.get(topic) ?? 1, isForTasks: true }]
  })
  const byName =
    <T>(nameOf: (one: T) => string) =>
    (left: T, right: T): number =>
      nameOf(left) < nameOf(right) ? -1 : 1
  return {
    version: 1,
    application,
    stores: stores.sort(byName(({ name }) => name)),
    repartitions: [...repartitions, ...tasks].sort(byName(({ topic }) => topic)),
  }
}
