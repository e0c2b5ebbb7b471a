import type { OffsetCommitRequest, OffsetCommitResponse } from '@kafkado/core/protocol'
import { failed, succeeded } from '@kafkado/core/internal/answers'
import type { Engine } from '../engine/engine.ts'
import type { CommittedOffset } from '../group/offset-store.ts'
import { mostOffsetMetadataCharacters } from '../refusals/text-bounds.ts'
import { meantTopic } from '../topic/meant-topic.ts'
import { noMeantPartition } from './handler.ts'

/** Visits the offsets of a commit, with or without a transaction: stores each valid one, and answers for all. */
export function keepEach(
  engine: Engine,
  topics: OffsetCommitRequest['topics'],
  keep: (topic: string, partition: number, offset: CommittedOffset) => void,
): OffsetCommitResponse['topics'] {
  const commitTimestampMs = engine.runtime.clock.now()
  return topics.map(({ topic, topicId, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, committedOffset, committedLeaderEpoch, committedMetadata: metadata }) => {
      if (!meantTopic(engine.topics, { topic, topicId })?.partitions[partition])
        return { partition, ...noMeantPartition(engine, { topic, topicId }, partition) }
      if (metadata !== null && metadata.length > mostOffsetMetadataCharacters) {
        const message =
          `the metadata with the offset of topic '${topic}' partition ${partition} has ` +
          `${metadata.length} characters, ${mostOffsetMetadataCharacters} are kept`
        return { partition, ...failed('OFFSET_METADATA_TOO_LARGE', message) }
      }
      keep(topic, partition, { committedOffset, committedLeaderEpoch, metadata, commitTimestampMs })
      return { partition, ...succeeded }
    }),
  }))
}
