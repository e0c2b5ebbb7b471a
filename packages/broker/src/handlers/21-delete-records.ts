import { deleteRecords } from '@kafkado/core'
import type { DeleteRecordsRequest } from '@kafkado/core/protocol'
import { failed, noSuchPartition, succeeded } from '@kafkado/core/internal/answers'
import type { Engine } from '../engine/engine.ts'
import type { MeasuredRemoval } from '../log/cleaning-state.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { handles } from './handler.ts'

/** Moves the start of logs, durably; the records before it are removed afterwards. */
export const handleDeleteRecords = handles(deleteRecords, async (engine, request) => {
  const measured = await measure(engine, request)
  const changes = engine.beginEnding()
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
      const wanted = wantedStart(log, offset)
      if (wanted < 0 || wanted > log.highWatermark) {
        const message =
          `offset ${offset} is out of range: the log of topic '${topic}' partition ${partition} ` +
          `reaches from ${log.logStartOffset} to ${log.highWatermark}`
        return { partition, lowWatermark: -1, ...failed('OFFSET_OUT_OF_RANGE', message) }
      }
      if (wanted > log.logStartOffset) {
        log.advanceStart(changes, wanted, measured.get(log))
        changes.afterCommit.push(() => void engine.removals.removeAndReclaim([[log.logId, wanted]]))
      }
      return { partition, lowWatermark: log.logStartOffset, ...succeeded }
    }),
  }))
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics }
})

function wantedStart(log: PartitionLog, offset: number): number {
  return offset === -1 ? log.highWatermark : offset
}

/** Counts the bytes to remove, for logs where only their batches tell. */
async function measure(engine: Engine, { topics }: DeleteRecordsRequest): Promise<Map<PartitionLog, MeasuredRemoval>> {
  const found = new Map<PartitionLog, MeasuredRemoval>()
  for (const { topic, partitions } of topics) {
    for (const { partition, offset } of partitions) {
      const log = engine.topics.log(topic, partition)
      if (!log || !log.cleaning.hasRewritten(wantedStart(log, offset))) continue
      const measured = await log.cleaning.measure(engine.scanOf(log), wantedStart(log, offset))
      if (measured) found.set(log, measured)
    }
  }
  return found
}
