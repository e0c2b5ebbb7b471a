import { createHash, type Hash } from 'node:crypto'
import { StorageError } from '@kafkado/core'
import { readRecordBatchHeader, yieldToEventLoop } from '@kafkado/core/internal'
import { readMetadata } from '../records/read-metadata.ts'
import type { MetadataKind, MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'

/** Read at a time. */
const sliceBytes = 1024 * 1024
const all = Number.MAX_SAFE_INTEGER

const kinds: Readonly<Record<MetadataKind, true>> = {
  engine: true,
  producerIds: true,
  topic: true,
  log: true,
  trim: true,
  producer: true,
  aborted: true,
  cleaner: true,
  transaction: true,
  group: true,
  member: true,
  target: true,
  current: true,
  offset: true,
  pendingOffset: true,
}

export const metadataKinds = Object.keys(kinds) as readonly MetadataKind[]

/** How much a folder holds. */
export interface FolderSize {
  readonly topics: number
  readonly partitions: number
  readonly batches: number
  readonly bytes: number
}

/** What a storage holds, whichever storage it is. */
export interface FolderContent extends FolderSize {
  /** The SHA-256 of each log, and of the records of each kind: groups, offsets, transactions and the rest. */
  readonly checksums: Readonly<Record<string, string>>
}

/** Reads everything that a storage holds. @throws StorageError when a part of it cannot be read */
export async function contentOf(storage: Storage): Promise<FolderContent> {
  const checksums: Record<string, string> = {}
  for (const kind of metadataKinds)
    checksums[`what is kept of kind '${kind}'`] = checksumOf(readMetadata(storage, kind))
  const [logIds, names] = [logsOf(storage), namesOf(storage)]
  let [batches, bytes] = [0, 0]
  for (const logId of logIds) {
    const hash = createHash('sha256')
    for (const slice of slicesOf(storage, logId)) {
      batches += slice.lastOffsets.length
      bytes += slice.bytes.length
      hash.update(slice.bytes)
      await yieldToEventLoop()
    }
    checksums[names.get(logId) ?? `log ${logId}, of a topic that was deleted`] = textOf(hash)
  }
  return { topics: readMetadata(storage, 'topic').length, partitions: logIds.length, batches, bytes, checksums }
}

/** @throws StorageError when one part is not what it was */
export function requireSame(found: FolderContent, expected: FolderContent, what: string): void {
  const names = new Set([...Object.keys(expected.checksums), ...Object.keys(found.checksums)])
  for (const name of names) {
    if (found.checksums[name] === expected.checksums[name]) continue
    throw new StorageError(`${what}: ${name} is not as it was`, { retriable: false, outcome: 'failed' })
  }
}

/** The logs of the topics, and those of which the rest is yet to be removed. */
export function logsOf(storage: Storage): number[] {
  const ofTopics = readMetadata(storage, 'topic').flatMap(({ value }) => value?.logIds ?? [])
  return [...new Set([...ofTopics, ...readMetadata(storage, 'trim').map(({ path }) => path[0])])]
}

function namesOf(storage: Storage): Map<number, string> {
  const names = new Map<number, string>()
  for (const { value } of readMetadata(storage, 'topic'))
    for (const [partition, logId] of (value?.logIds ?? []).entries())
      names.set(logId, `topic '${value?.name}' partition ${partition}`)
  return names
}

/** All batches of a log, some at a time. */
export function* slicesOf(
  storage: Storage,
  logId: number,
): Generator<{ readonly bytes: Uint8Array; readonly lastOffsets: readonly number[] }> {
  for (let from = 0; ;) {
    const bytes = storage.readBatches(logId, from, all, sliceBytes, true)
    if (bytes.length === 0) return
    const lastOffsets: number[] = []
    for (let position = 0; position < bytes.length;) {
      const { sizeInBytes, lastOffset } = readRecordBatchHeader(bytes, position)
      lastOffsets.push(lastOffset)
      position += sizeInBytes
      from = lastOffset + 1
    }
    yield { bytes, lastOffsets }
  }
}

function checksumOf(records: readonly MetadataRecord[]): string {
  const texts = records.map(({ path, value }) => `${JSON.stringify(path)} ${JSON.stringify(value)}`)
  return textOf(createHash('sha256').update(texts.sort().join('\n')))
}

function textOf(hash: Hash): string {
  return hash.digest('hex')
}
