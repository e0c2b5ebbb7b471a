import { offsetForLeaderEpoch } from '@kafkado/core'
import { failed, noSuchPartition, succeeded } from '@kafkado/core/internal/answers'
import { PartitionLog } from '../log/partition-log.ts'
import { handles } from './handler.ts'

/** There is one epoch, which has not ended, so it reaches to the high watermark. */
export const handleOffsetForLeaderEpoch = handles(offsetForLeaderEpoch, (engine, request) => {
  const none = { leaderEpoch: -1, endOffset: -1 }
  const topics = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
      const log = engine.topics.log(topic, partition)
      if (!log)
        return {
          partition,
          ...noSuchPartition(topic, partition, engine.topics.find(topic)?.partitions.length),
          ...none,
        }
      if (currentLeaderEpoch > PartitionLog.leaderEpoch)
        return {
          partition,
          ...failed('UNKNOWN_LEADER_EPOCH', `the leader has no epoch ${currentLeaderEpoch} yet`),
          ...none,
        }
      if (leaderEpoch !== PartitionLog.leaderEpoch) return { partition, ...succeeded, ...none }
      return { partition, ...succeeded, leaderEpoch, endOffset: log.highWatermark }
    }),
  }))
  return { throttleTimeMs: 0, topics }
})
