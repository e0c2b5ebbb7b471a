import type { RecordBatchHeader } from '@kafkado/core/internal'
import type { TopicSettings } from '../settings/topic-settings.ts'
import type { LogScan } from './log-scan.ts'
import type { PartitionLog } from './partition-log.ts'

/**
 * The new start of a log by its topic's `retention.ms` and `retention.bytes`: at a batch, and never beyond an open
 * transaction.
 */
export async function retainedStart(
  log: PartitionLog,
  scan: LogScan,
  settings: TopicSettings,
  nowMs: number,
): Promise<number> {
  const { isDeleted, retentionMs, retentionBytes } = settings
  if (!isDeleted) return log.logStartOffset
  const byTime = retentionMs < 0 ? 0 : await startByTime(log, scan, nowMs - retentionMs)
  const bySize = retentionBytes < 0 ? 0 : await startBySize(log, scan, retentionBytes)
  return Math.max(log.logStartOffset, Math.min(Math.max(byTime, bySize), log.lastStableOffset))
}

/** The first batch with a record of that time or later. */
async function startByTime(log: PartitionLog, scan: LogScan, oldestMs: number): Promise<number> {
  const { firstYoung } = log
  // Reads nothing if the first batch is known to be young enough, as in most logs most of the time.
  if (firstYoung?.baseOffset === log.logStartOffset && firstYoung.maxTimestamp >= oldestMs) return log.logStartOffset
  return firstToStay(log, scan, log.scanStart(oldestMs), ({ baseOffset, maxTimestamp }) => {
    if (maxTimestamp < oldestMs) return false
    log.firstYoung = { baseOffset, maxTimestamp }
    return true
  })
}

/** The last batch that leaves at least that many bytes, because Kafka keeps at least the requested size. */
function startBySize(log: PartitionLog, scan: LogScan, retentionBytes: number): number | Promise<number> {
  let excessBytes = log.sizeInBytes - retentionBytes
  if (excessBytes <= 0) return 0
  if (!log.cleaning.hasRewritten(log.logStartOffset))
    return log.index.offsetAtPosition(log.index.start.position + excessBytes, log.lastStableOffset)
  return firstToStay(log, scan, log.logStartOffset, ({ sizeInBytes }) => (excessBytes -= sizeInBytes) < 0)
}

/** The start of the first remaining batch, or the end of the scan. */
async function firstToStay(
  log: PartitionLog,
  scan: LogScan,
  fromOffset: number,
  stays: (header: RecordBatchHeader) => boolean,
): Promise<number> {
  let start = fromOffset
  for await (const slice of scan.slices(fromOffset, log.lastStableOffset)) {
    for (const { header } of slice) {
      if (stays(header)) return start
      start = header.lastOffset + 1
    }
  }
  return start
}
