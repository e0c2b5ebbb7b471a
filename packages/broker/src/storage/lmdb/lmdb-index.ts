import type { LmdbDatabases, LogKey } from './lmdb-databases.ts'
import type { LogIndexEntry } from '../storage.ts'

/** Batches are found by keys of log and offset, or log and time; what comes before a key is read backwards. */
export const lastKey = Number.MAX_SAFE_INTEGER

export type PlaceInLog = Pick<LogIndexEntry, 'baseOffset' | 'position'>

/** The offset of the last batch of a log; −1 when there is none. */
export function lastOffset({ log }: LmdbDatabases, logId: number): number {
  for (const [, offset] of log.getKeys({ start: [logId, lastKey], end: [logId, -1], reverse: true, limit: 1 }))
    return offset
  return -1
}

/** See `Storage.lastOffsetOfBatch`. */
export function lastOffsetOfBatch({ log }: LmdbDatabases, logId: number, offset: number): number | undefined {
  for (const key of log.getKeys({ start: [logId, offset], end: [logId + 1, -1], limit: 1 })) return key[1]
  return undefined
}

export function entryBeforeTimestamp(
  { time }: LmdbDatabases,
  logId: number,
  timestamp: number,
): LogIndexEntry | undefined {
  const range = { start: [logId, timestamp] as LogKey, end: [logId, -1] as LogKey, reverse: true, limit: 2 }
  for (const { key, value } of time.getRange(range)) {
    const [maxTimestamp, [baseOffset, position]] = [key[1], value]
    if (maxTimestamp < timestamp) return { logId, maxTimestamp, baseOffset, position }
  }
  return undefined
}

export function entryAtOrBefore({ position }: LmdbDatabases, logId: number, offset: number): PlaceInLog | undefined {
  const range = { start: [logId, offset] as LogKey, end: [logId, -1] as LogKey, reverse: true, limit: 1 }
  for (const { key, value } of position.getRange(range)) return { baseOffset: key[1], position: value }
  return undefined
}

export function entryAtOrBeforePosition(
  databases: LmdbDatabases,
  logId: number,
  fromOffset: number,
  position: number,
): PlaceInLog | undefined {
  let found: PlaceInLog | undefined
  const range = { start: [logId, fromOffset] as LogKey, end: [logId, lastKey] as LogKey }
  for (const { key, value } of databases.position.getRange(range)) {
    if (value > position) break
    found = { baseOffset: key[1], position: value }
  }
  return found
}
