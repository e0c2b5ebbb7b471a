import { describeGroup } from '@kafkado/admin'
import type { Transport } from '@kafkado/core'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { Topology } from '../../graph/topology.ts'
import type { StoreEntry, StoreQuery } from '../../task/store-query.ts'
import { memberAddress } from '../../plan/member-address.ts'
import { largest } from '../../plan/read-partitions.ts'
import { queryUrl } from './query-handler.ts'

/** After this time there is no answer. */
const timeLimitMs = 10_000

export interface RoutingParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly application: string
  readonly queryKey: string | undefined
}

/** Asks the member that runs the task with the key; undefined if no such member serves queries. */
export async function askOwner(parts: RoutingParts, request: StoreQuery): Promise<readonly StoreEntry[] | undefined> {
  const { transport, application, queryKey } = parts
  const topics = topicsOf(parts, request.store)
  const { members } = await describeGroup(transport, application)
  const all = members.flatMap(({ assignment }) => assignment)
  const counts = new Map(
    topics.map((topic) => [topic, all.flatMap((one) => (one.topic === topic ? one.partitions : [])).length]),
  )
  // The owner of this topic's partition runs the task, see ReadPartitions.
  const told = largest(topics, counts) ?? topics[0]
  const owner = members.find(({ assignment }) =>
    assignment.some(({ topic, partitions }) => topic === told && partitions.includes(request.partition as number)),
  )
  const address = owner && memberAddress.of(owner)
  if (address === undefined) return undefined
  const headers: Record<string, string> = queryKey === undefined ? {} : { authorization: `Bearer ${queryKey}` }
  const response = await fetch(queryUrl(address, request), { headers, signal: AbortSignal.timeout(timeLimitMs) })
  if (!response.ok) {
    await response.body?.cancel()
    return undefined
  }
  const { entries } = (await response.json()) as { entries: StoreEntry[] }
  return entries
}

function topicsOf({ topology, names }: RoutingParts, store: string): string[] {
  const part = topology.subtopologies.find(({ stores }) => stores.some(({ name }) => name === store))
  const tasks = part && names.tasks(part)
  return tasks === undefined ? (part?.sources.map((source) => names.topicOf(source)) ?? []) : [tasks]
}
