import type { OffsetCommitRequest, OffsetCommitResponse } from '@kafkado/core/protocol'
import type { RequestOptions } from '../connection/broker.ts'
import type { Call } from '../cluster/call.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { forMeantTopics } from './meant-topics.ts'
import { type PartitionErrors, partitionResults, refusedPartitions } from './partition-results.ts'

type Commit = Pick<OffsetCommitRequest, 'groupId' | 'topics'>

/**
 * Commits offsets at the coordinator of a group, for topics that still have the meant ids. @param ask sends the offsets
 * of existing topics
 */
export function commitOffsets(
  cluster: Cluster,
  { groupId, topics }: Commit,
  call: Call,
  ask: (
    nodeId: number,
    topics: Commit['topics'],
    options: RequestOptions,
  ) => Promise<{ throttleTimeMs: number; topics: PartitionErrors }>,
): Promise<OffsetCommitResponse> {
  return cluster.coordinated('group', groupId, call, (nodeId) => {
    const options = { lane: 'coordinators', orderKey: groupId } as const
    return forMeantTopics(cluster, nodeId, topics, call, options, {
      send: async (meant: Commit['topics']) => {
        const response = await ask(nodeId, meant, options)
        return { throttleTimeMs: response.throttleTimeMs, topics: partitionResults(meant, response.topics) }
      },
      refuse: refusedPartitions,
    })
  })
}
