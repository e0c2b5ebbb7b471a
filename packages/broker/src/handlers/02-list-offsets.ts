import { listOffsets } from '@kafkado/core'
import { type ListOffsetsResponse, listOffsetsTimestamp } from '@kafkado/core/protocol'
import { failed, type MeantTopic, succeeded } from '@kafkado/core/internal/answers'
import type { LogScan } from '../log/log-scan.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { meantTopic } from '../topic/meant-topic.ts'
import { deletedMeanwhile, handles, noMeantPartition } from './handler.ts'

type Answer = ListOffsetsResponse['topics'][number]['partitions'][number]

interface Found {
  readonly offset: number
  readonly timestamp: number
}

const nothingFound: Found = { offset: -1, timestamp: -1 }

/** Returns the offset at a time, or at the start or end of each log. */
export const handleListOffsets = handles(listOffsets, async (engine, { isolationLevel, topics }, signal) => {
  const answer = async (meant: MeantTopic, partition: number, timestamp: number): Promise<Answer> => {
    const log = meantTopic(engine.topics, meant)?.partitions[partition]
    if (!log) return { partition, ...noMeantPartition(engine, meant, partition), ...nothingFound }
    if (timestamp < listOffsetsTimestamp.maxTimestamp)
      return { partition, ...failed('UNSUPPORTED_VERSION', noTimestamp(timestamp)), ...nothingFound }
    const end = isolationLevel === 'read_committed' ? log.lastStableOffset : log.highWatermark
    const scan = engine.scanOf(log, signal)
    const found = await find(log, scan, timestamp, end)
    engine.throwIfOver(signal)
    // A result found while the topic was being deleted says nothing about a new topic of that name.
    if (engine.topics.logOf(log.logId) !== log)
      return { partition, ...deletedMeanwhile(engine, meant, partition), ...nothingFound }
    return { partition, ...succeeded, ...found }
  }
  const answers = topics.map(async ({ topic, topicId, partitions }) => ({
    topic,
    partitions: await Promise.all(
      partitions.map(({ partition, timestamp }) => answer({ topic, topicId }, partition, timestamp)),
    ),
  }))
  const topicsFound = await Promise.all(answers)
  await engine.settled()
  return { throttleTimeMs: 0, topics: topicsFound }
})

function noTimestamp(timestamp: number): string {
  return (
    `${timestamp} is no timestamp: a time is from 0 up, ` +
    'and -1 to -3 are latest, earliest and the greatest timestamp'
  )
}

async function find(log: PartitionLog, scan: LogScan, timestamp: number, end: number): Promise<Found> {
  if (timestamp === listOffsetsTimestamp.latest) return { offset: end, timestamp: -1 }
  if (timestamp === listOffsetsTimestamp.earliest) return { offset: log.logStartOffset, timestamp: -1 }
  if (timestamp !== listOffsetsTimestamp.maxTimestamp)
    return findAtLeast(log, scan, timestamp, log.scanStart(timestamp), end)
  return findGreatest(log, scan, end)
}

/** Finds the first record with at least that timestamp: by the batch headers, then by the records within. */
async function findAtLeast(
  log: PartitionLog,
  scan: LogScan,
  timestamp: number,
  fromOffset: number,
  end: number,
): Promise<Found> {
  for await (const slice of scan.slices(fromOffset, end)) {
    for (const read of slice) {
      if (read.header.isControl || read.header.maxTimestamp < timestamp) continue
      let found: Found | undefined
      await scan.visit(read, (_bytes, offset, recordTimestamp) => {
        if (recordTimestamp >= timestamp && offset >= log.logStartOffset)
          found ??= { offset, timestamp: recordTimestamp }
      })
      if (found) return found
    }
  }
  return nothingFound
}

/** Finds the record with the greatest timestamp; if compaction has removed it, the greatest of the remaining ones. */
async function findGreatest(log: PartitionLog, scan: LogScan, end: number): Promise<Found> {
  const found = await findAtLeast(log, scan, log.maxTimestamp, log.scanStart(log.maxTimestamp), end)
  if (found.offset >= 0) return found
  let greatest = -1
  for await (const slice of scan.slices(log.logStartOffset, end))
    for (const { header } of slice) if (!header.isControl) greatest = Math.max(greatest, header.maxTimestamp)
  return greatest < 0 ? found : findAtLeast(log, scan, greatest, log.logStartOffset, end)
}
