import { memberEpoch } from '@kafkado/core/protocol'
import type { AssignedPartition } from '../partition/topic-partition.ts'

/** The epoch by which a member leaves: one with an instance id keeps its partitions for who comes back under it. */
export function leavingEpoch(instanceId: string | null): number {
  return instanceId === null ? memberEpoch.leave : memberEpoch.leaveStatic
}

/** Partitions as a heartbeat lists them: by topic, each once. */
export function claimedTopics(claimed: readonly AssignedPartition[]) {
  return [...Map.groupBy(claimed, ({ topic, topicId }) => `${topic}/${topicId}`).values()].map((partitions) => {
    const { topic, topicId } = partitions[0] as AssignedPartition
    return { topic, topicId, partitions: [...new Set(partitions.map(({ partition }) => partition))] }
  })
}
