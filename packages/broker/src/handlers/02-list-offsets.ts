import { type listOffsets, listOffsetsTimestamp } from '@kafkado/core'
import { readRecords, unpackRecordBatch } from '@kafkado/core/internal'
import type { PartitionLog } from '../log/partition-log.ts'
import { type Handler, noSuchPartition, succeeded } from './handler.ts'

interface Found {
  readonly offset: number
  readonly timestamp: number
}

/** The offset at a time, or at the start or end of each log. */
export const handleListOffsets: Handler<typeof listOffsets> = async (engine, { isolationLevel, topics }) => {
  const answers = topics.map(async ({ topic, partitions }) => ({
    topic,
    partitions: await Promise.all(
      partitions.map(async ({ partition, timestamp }) => {
        const log = engine.topics.log(topic, partition)
        if (!log)
          return {
            partition,
            ...noSuchPartition(topic, partition, engine.topics.find(topic)?.partitions.length),
            offset: -1,
            timestamp: -1,
          }
        const end = isolationLevel === 'read_committed' ? log.lastStableOffset : log.highWatermark
        return { partition, ...succeeded, ...(await find(log, timestamp, end)) }
      }),
    ),
  }))
  const topicsFound = await Promise.all(answers)
  await engine.settled()
  return { throttleTimeMs: 0, topics: topicsFound }
}

async function find(log: PartitionLog, timestamp: number, end: number): Promise<Found> {
  if (timestamp === listOffsetsTimestamp.latest) return { offset: end, timestamp: -1 }
  if (timestamp === listOffsetsTimestamp.earliest) return { offset: log.logStartOffset, timestamp: -1 }
  if (timestamp !== listOffsetsTimestamp.maxTimestamp) return findAtLeast(log, timestamp, log.scanStart(timestamp), end)
  return findGreatest(log, end)
}

/** The first record of at least that timestamp: by the headers to its batch, and by the records within. */
async function findAtLeast(log: PartitionLog, timestamp: number, fromOffset: number, end: number): Promise<Found> {
  for (const { header, batch } of log.batchesBetween(fromOffset, end)) {
    if (header.isControl || header.maxTimestamp < timestamp) continue
    let found: Found | undefined
    readRecords(await unpackRecordBatch(batch, header), (_bytes, offset, recordTimestamp) => {
      if (recordTimestamp >= timestamp && offset >= log.logStartOffset) found ??= { offset, timestamp: recordTimestamp }
    })
    if (found) return found
  }
  return { offset: -1, timestamp: -1 }
}

/** The record with the greatest timestamp; where compaction has removed it, that of what is left. */
async function findGreatest(log: PartitionLog, end: number): Promise<Found> {
  const found = await findAtLeast(log, log.maxTimestamp, log.scanStart(log.maxTimestamp), end)
  if (found.offset >= 0) return found
  let greatest = -1
  for (const { header } of log.batchesBetween(log.logStartOffset, end))
    if (!header.isControl) greatest = Math.max(greatest, header.maxTimestamp)
  return greatest < 0 ? found : findAtLeast(log, greatest, log.logStartOffset, end)
}
