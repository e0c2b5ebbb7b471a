import type { StoredCleaning } from '../storage/metadata-record.ts'
import type { TopicSettings } from '../settings/topic-settings.ts'
import type { LogScan } from './log-scan.ts'
import type { PartitionLog } from './partition-log.ts'

/** How many passes are remembered. Earlier passes count as later than they were, so their tombstones stay longer. */
const passesRemembered = 64

/** How far to clean a log now; undefined when cleaning would gain too little, or the scan is over. */
export async function cleanableEnd(
  log: PartitionLog,
  scan: LogScan,
  settings: TopicSettings,
  nowMs: number,
): Promise<number | undefined> {
  const dirtyStart = Math.max(log.cleaning.cleanedOffset, log.logStartOffset)
  const { minCompactionLagMs: minLagMs, maxCompactionLagMs: maxLagMs } = settings
  let [end, dirtyBytes, lastBatchBytes, lastBatchOffset, oldestMs] = [dirtyStart, 0, 0, dirtyStart, Infinity]
  let isYoung = false
  for await (const slice of scan.slices(dirtyStart, log.lastStableOffset)) {
    for (const { header } of slice) {
      isYoung = minLagMs > 0 && header.maxTimestamp > nowMs - minLagMs
      if (isYoung) break
      end = header.lastOffset + 1
      dirtyBytes += header.sizeInBytes
      ;[lastBatchBytes, lastBatchOffset] = [header.sizeInBytes, header.baseOffset]
      oldestMs = Math.min(oldestMs, header.maxTimestamp)
    }
    if (isYoung) break
  }
  if (scan.isOver) return undefined
  // The very last batch stays. Batches appended meanwhile lie behind the scan.
  if (end === log.logEndOffset) [end, dirtyBytes] = [lastBatchOffset, dirtyBytes - lastBatchBytes]
  if (dirtyBytes <= 0) return undefined
  const { cleanedOffset, rewritten } = log.cleaning
  const cleanBytes = cleanedOffset > log.logStartOffset ? rewritten.bytes : 0
  const ratio = dirtyBytes / (cleanBytes + dirtyBytes)
  const isOverdue = oldestMs <= nowMs - maxLagMs
  const wasInterrupted = rewritten.baseOffset > dirtyStart
  return wasInterrupted || isOverdue || ratio >= settings.minCleanableDirtyRatio ? end : undefined
}

/** The offset before which tombstones and markers have waited for `delete.retention.ms` since their first cleaning. */
export function removableBefore(passes: StoredCleaning['passes'], settings: TopicSettings, nowMs: number): number {
  const expired = passes.filter(([, timeMs]) => timeMs + settings.deleteRetentionMs <= nowMs)
  return expired.at(-1)?.[0] ?? 0
}

/** The passes still needed: the last one whose wait is over, and all that still wait. */
export function prunedPasses(
  passes: StoredCleaning['passes'],
  settings: TopicSettings,
  nowMs: number,
): StoredCleaning['passes'] {
  const waiting = passes.filter(([, timeMs]) => timeMs + settings.deleteRetentionMs > nowMs)
  const over = passes.slice(0, passes.length - waiting.length).slice(-1)
  return [...over, ...waiting.slice(-passesRemembered)]
}
