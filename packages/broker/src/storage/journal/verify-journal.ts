import { StorageError } from '@kafkado/core'
import { fileHeadBytes, journalName } from './file-head.ts'
import { isSound } from './frame-operations.ts'
import { FrameReader, type ReadFrame, runsOf } from './frame-reader.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { KnownFile } from './journal-files.ts'
import type { JournalState } from './journal-state.ts'

/** A place in a journal that has changed since it was written. */
export interface FoundDamage {
  readonly file: string
  readonly byte: number
  /** The batch at that place; undefined for a frame: the rest of its file cannot be verified. */
  readonly batch: { readonly logId: number; readonly lastOffset: number } | undefined
}

/**
 * Reads all files of a journal and compares the used batches with their checksums. It goes file by file and frame by
 * frame, so that the caller decides how fast.
 */
export async function* verifyJournal(
  folder: JournalFolder,
  state: JournalState,
): AsyncGenerator<FoundDamage | { readonly verifiedBytes: number }> {
  // The present files: some are removed meanwhile, and new data were verified a moment ago.
  const files = [...state.files.all]
  for (const known of files) {
    const file = folder.open(journalName(known.head.number), 'read')
    try {
      const end = known.length
      const reader = new FrameReader(file, state.files.placeIn(known), known.head.nonce, fileHeadBytes, end)
      while (reader.position < end) {
        const start = reader.position
        const frame = await nextFrame(reader)
        if (!frame) {
          yield { file: journalName(known.head.number), byte: start, batch: undefined }
          break
        }
        yield* damagedBatches(state, known, reader, frame)
        yield { verifiedBytes: frame.end - start }
      }
    } finally {
      file.close()
    }
  }
}

/** Undefined if there is none, or one that makes no sense. @throws the disk's error */
async function nextFrame(reader: FrameReader): Promise<ReadFrame | undefined> {
  try {
    return await reader.next()
  } catch (error) {
    if (StorageError.is(error)) return undefined
    throw error
  }
}

async function* damagedBatches(
  state: JournalState,
  { head }: KnownFile,
  reader: FrameReader,
  { operations, payloadAt }: ReadFrame,
): AsyncGenerator<FoundDamage> {
  let position = payloadAt
  for (const { logId, lastOffsets, lengths, checks } of runsOf(operations)) {
    for (const [index, lastOffset] of lastOffsets.entries()) {
      const length = lengths[index] as number
      const bytes = await reader.bytes(position, length)
      const isAsWritten = bytes.length === length && isSound(bytes, checks[index] as number)
      // A batch replaced, moved or removed since is needed by nobody.
      if (!isAsWritten && state.addressOf(logId, lastOffset) === head.start + position)
        yield { file: journalName(head.number), byte: position, batch: { logId, lastOffset } }
      position += length
    }
  }
}
