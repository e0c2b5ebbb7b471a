import { createHash, type Hash } from 'node:crypto'
import { StorageError } from '@kafkado/core'
import { messageOf, readRecordBatchHeader, type RecordBatchHeader, yieldToEventLoop } from '@kafkado/core/internal'
import { readMetadata } from '../records/read-metadata.ts'
import type { MetadataKind, MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'

/** The size of one read. */
const sliceBytes = 1024 * 1024
const all = Number.MAX_SAFE_INTEGER

const kinds: Readonly<Record<MetadataKind, true>> = {
  engine: true,
  producerIds: true,
  producerOwner: true,
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

/** The size of a folder's content. */
export interface FolderSize {
  readonly topics: number
  readonly partitions: number
  readonly batches: number
  readonly bytes: number
}

/** The content of a storage of any kind. */
export interface FolderContent extends FolderSize {
  /** The SHA-256 of each log, and of the records of each kind: groups, offsets, transactions and the others. */
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
    const name = names.get(logId) ?? `log ${logId}, of a topic that was deleted`
    for (const slice of slicesOf(storage, logId, name)) {
      batches += slice.headers.length
      bytes += slice.bytes.length
      hash.update(slice.bytes)
      await yieldToEventLoop()
    }
    checksums[name] = textOf(hash)
  }
  return { topics: readMetadata(storage, 'topic').length, partitions: logIds.length, batches, bytes, checksums }
}

/** @throws StorageError when one part differs */
export function requireSame(found: FolderContent, expected: FolderContent, what: string): void {
  const names = new Set([...Object.keys(expected.checksums), ...Object.keys(found.checksums)])
  for (const name of names) {
    if (found.checksums[name] === expected.checksums[name]) continue
    throw new StorageError(`${what}: ${name} is not as it was`, { retriable: false, outcome: 'failed' })
  }
}

/** The logs of the topics, and those with batches still to be removed. */
export function logsOf(storage: Storage): number[] {
  const ofTopics = readMetadata(storage, 'topic').flatMap(({ value }) => value?.logIds ?? [])
  return [...new Set([...ofTopics, ...readMetadata(storage, 'trim').map(({ path }) => path[0])])]
}

/** The name of each log, for people. */
export function namesOf(storage: Storage): Map<number, string> {
  const named = [...partitionsIn(storage)]
  return new Map(named.map(([logId, { topic, partition }]) => [logId, `topic '${topic}' partition ${partition}`]))
}

/** The partition of each log in a storage. */
export function partitionsIn(storage: Storage): ReturnType<typeof partitionsOf> {
  return partitionsOf(readMetadata(storage, 'topic'))
}

/** The partition of each log, by the stored topics. */
export function partitionsOf(
  topics: readonly MetadataRecord<'topic'>[],
): Map<number, { topic: string; partition: number }> {
  const partitions = new Map<number, { topic: string; partition: number }>()
  for (const { value } of topics)
    for (const [partition, logId] of (value?.logIds ?? []).entries())
      partitions.set(logId, { topic: value?.name ?? '', partition })
  return partitions
}

/**
 * All batches of a log, some at a time.
 *
 * @throws StorageError if a batch does not state its own length and place, so that nobody knows what follows
 */
export function* slicesOf(
  storage: Storage,
  logId: number,
  name: string,
): Generator<{ readonly bytes: Uint8Array; readonly headers: readonly RecordBatchHeader[] }> {
  for (let from = 0; ;) {
    const bytes = storage.readBatches(logId, from, all, sliceBytes, true)
    if (bytes.length === 0) return
    const headers: RecordBatchHeader[] = []
    for (let position = 0; position < bytes.length;) {
      // A wrong length shows with the next batch.
      const before = position === 0 ? '' : ', or the one before it,'
      const header = headerAt(bytes, position, `${name}, the batch at offset ${from}${before}`)
      const { baseOffset, lastOffset, sizeInBytes } = header
      // Its place is outside its checksum. A wrong, later one would hide the batches before it.
      const isAfterGap = baseOffset > from && storage.readBatches(logId, from, baseOffset, 1, true).length === 0
      if (baseOffset !== from && !isAfterGap)
        throw damaged(`${name}, the batch at offset ${from}`, `it says that it begins at offset ${baseOffset}`)
      headers.push(header)
      position += sizeInBytes
      from = lastOffset + 1
    }
    yield { bytes, headers }
  }
}

function headerAt(bytes: Uint8Array, position: number, what: string): RecordBatchHeader {
  try {
    return readRecordBatchHeader(bytes, position)
  } catch (error) {
    throw damaged(what, messageOf(error))
  }
}

function damaged(what: string, why: string): StorageError {
  return new StorageError(`${what} is damaged, so that what follows cannot be found: ${why}. Nothing was changed`, {
    retriable: false,
    outcome: 'failed',
  })
}

function checksumOf(records: readonly MetadataRecord[]): string {
  const texts = records.map(({ path, value }) => `${JSON.stringify(path)} ${JSON.stringify(value)}`)
  return textOf(createHash('sha256').update(texts.sort().join('\n')))
}

function textOf(hash: Hash): string {
  return hash.digest('hex')
}
