import { memberEpoch } from '@kafkado/core/protocol'
import type { AssignedPartition } from '../partition/topic-partition.ts'

/** The epoch that says a member leaves. With an instance id its partitions are kept for its return. */
export function leavingEpoch(instanceId: string | null): number {
  return instanceId === null ? memberEpoch.leave : memberEpoch.leaveStatic
}

/** Partitions in the form of a heartbeat: by topic, each once. */
export function claimedTopics(claimed: readonly AssignedPartition[]) {
  return [...Map.groupBy(claimed, ({ topic, topicId }) => `${topic}/${topicId}`).values()].map((partitions) => {
    const { topic, topicId } = partitions[0] as AssignedPartition
    return { topic, topicId, partitions: [...new Set(partitions.map(({ partition }) => partition))] }
  })
}
