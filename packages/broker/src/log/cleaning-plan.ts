import type { StoredCleaning } from '../storage/metadata-record.ts'
import type { TopicSettings } from '../settings/topic-settings.ts'
import type { LogScan } from './log-scan.ts'
import type { PartitionLog } from './partition-log.ts'

/**
 * So many passes are told apart; those before are taken for later than they were, so that their tombstones stay longer.
 */
const passesRemembered = 64

/** Up to where a log is to be cleaned now; undefined when too little would be gained, or the scan is over. */
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
  // The last batch of all stays. What was appended meanwhile lies behind the scan.
  if (end === log.logEndOffset) [end, dirtyBytes] = [lastBatchOffset, dirtyBytes - lastBatchBytes]
  if (dirtyBytes <= 0) return undefined
  const { cleanedOffset, rewritten } = log.cleaning
  const cleanBytes = cleanedOffset > log.logStartOffset ? rewritten.bytes : 0
  const ratio = dirtyBytes / (cleanBytes + dirtyBytes)
  const isOverdue = oldestMs <= nowMs - maxLagMs
  const wasInterrupted = rewritten.baseOffset > dirtyStart
  return wasInterrupted || isOverdue || ratio >= settings.minCleanableDirtyRatio ? end : undefined
}

/**
 * Tombstones and markers before it have been there for `delete.retention.ms` since they were cleaned for the first
 * time.
 */
export function removableBefore(passes: StoredCleaning['passes'], settings: TopicSettings, nowMs: number): number {
  const expired = passes.filter(([, timeMs]) => timeMs + settings.deleteRetentionMs <= nowMs)
  return expired.at(-1)?.[0] ?? 0
}

/** The passes that still tell something: the last whose wait is over, and those whose is not. */
export function prunedPasses(
  passes: StoredCleaning['passes'],
  settings: TopicSettings,
  nowMs: number,
): StoredCleaning['passes'] {
  const waiting = passes.filter(([, timeMs]) => timeMs + settings.deleteRetentionMs > nowMs)
  const over = passes.slice(0, passes.length - waiting.length).slice(-1)
  return [...over, ...waiting.slice(-passesRemembered)]
}
