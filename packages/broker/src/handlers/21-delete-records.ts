import { deleteRecords } from '@kafkado/core'
import { failed, noSuchPartition, succeeded } from '@kafkado/core/internal/answers'
import { handles } from './handler.ts'

/** Moves the start of logs, first of all durably; what lies before is removed afterwards. */
export const handleDeleteRecords = handles(deleteRecords, async (engine, request) => {
  const changes = engine.begin()
  const topics = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, offset }) => {
      const log = engine.topics.log(topic, partition)
      if (!log)
        return {
          partition,
          lowWatermark: -1,
          ...noSuchPartition(topic, partition, engine.topics.find(topic)?.partitions.length),
        }
      const wanted = offset === -1 ? log.highWatermark : offset
      if (wanted < 0 || wanted > log.highWatermark) {
        const message =
          `offset ${offset} is out of range: the log of topic '${topic}' partition ${partition} ` +
          `reaches from ${log.logStartOffset} to ${log.highWatermark}`
        return { partition, lowWatermark: -1, ...failed('OFFSET_OUT_OF_RANGE', message) }
      }
      if (wanted > log.logStartOffset) {
        log.advanceStart(changes, wanted)
        changes.afterCommit.push(() => void engine.removals.remove(log.logId, wanted))
      }
      return { partition, lowWatermark: log.logStartOffset, ...succeeded }
    }),
  }))
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics }
})
