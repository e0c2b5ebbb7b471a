import type { TopicSettings } from '../settings/topic-settings.ts'
import type { PartitionLog } from './partition-log.ts'

/**
 * Where a log is to begin, by what its topic says (`retention.ms`, `retention.bytes`): batch by batch, and never beyond
 * a transaction that is open.
 */
export function retainedStart(log: PartitionLog, settings: TopicSettings, nowMs: number): number {
  const { isDeleted, retentionMs, retentionBytes } = settings
  if (!isDeleted) return log.logStartOffset
  const byTime = retentionMs < 0 ? 0 : startByTime(log, nowMs - retentionMs)
  const bySize = retentionBytes < 0 ? 0 : startBySize(log, retentionBytes)
  return Math.max(log.logStartOffset, Math.min(Math.max(byTime, bySize), log.lastStableOffset))
}

/** The first batch with a record of that time or later. */
function startByTime(log: PartitionLog, oldestMs: number): number {
  let start = log.scanStart(oldestMs)
  for (const { header } of log.batchesBetween(start, log.lastStableOffset)) {
    if (header.maxTimestamp >= oldestMs) break
    start = header.lastOffset + 1
  }
  return start
}

/** The last batch from which on there are at least so many bytes, as Kafka keeps at least what is asked for. */
function startBySize(log: PartitionLog, retentionBytes: number): number {
  let excessBytes = log.sizeInBytes - retentionBytes
  if (excessBytes <= 0) return 0
  if (log.cleaning.rewritten.baseOffset <= log.logStartOffset)
    return log.index.offsetAtPosition(log.index.start.position + excessBytes, log.lastStableOffset)
  let start = log.logStartOffset
  for (const { header } of log.batchesBetween(start, log.lastStableOffset)) {
    excessBytes -= header.sizeInBytes
    if (excessBytes < 0) break
    start = header.lastOffset + 1
  }
  return start
}
