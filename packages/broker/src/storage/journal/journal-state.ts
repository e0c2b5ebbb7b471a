import type { CheckpointDirectory } from './checkpoint-directory.ts'
import { ChunkMemory, type LoadChunk } from './chunk-memory.ts'
import type { BatchRun, FrameOperations, Removal } from './frame-operations.ts'
import type { JournalFiles } from './journal-files.ts'
import { MetadataTexts } from './metadata-texts.ts'
import { SortedTable } from './sorted-table.ts'

/** The tables of one log. */
export interface LogTables {
  /** Last offset, address and length of each batch. */
  readonly batches: SortedTable
  /** Base offset, greatest timestamp before it, and position. */
  readonly index: SortedTable
}

/** The most chunks of a log removed in one go. */
const chunksAtATime = 4

/**
 * The result of all frames. Only `apply` changes it, in the order of the frames, both when they are written and when
 * they are read again. Only durable frames are applied.
 */
export class JournalState {
  readonly logs = new Map<number, LogTables>()
  readonly metadata = new MetadataTexts()
  readonly memory: ChunkMemory
  readonly files: JournalFiles
  /** The last applied frame, and the address behind it. */
  sequence = 0
  end = 0

  constructor(files: JournalFiles, load: LoadChunk) {
    this.files = files
    this.memory = new ChunkMemory(load)
  }

  /** Restores the state of a checkpoint. */
  restore({ sequence, end, logs }: CheckpointDirectory): void {
    this.sequence = sequence
    this.end = end
    for (const [logId, [batches, index]] of logs)
      this.logs.set(logId, {
        batches: new SortedTable('batches', this.memory, batches),
        index: new SortedTable('index', this.memory, index),
      })
  }

  /** @param payload the address of the frame's payload */
  apply(operations: FrameOperations, sequence: number, payload: number, end: number): void {
    let address = payload
    for (const run of operations.appended) address = this.#append(run, address)
    for (const run of operations.replaced) address = this.#replace(run, address)
    for (const [index, run] of operations.moved.entries())
      address = this.#move(run, operations.movedFrom[index] as number[], address)
    for (const [logId, lastOffset] of operations.removedBatches) this.#removeBatch(logId, lastOffset)
    for (const { logId, baseOffset, maxTimestamp, position } of operations.indexEntries)
      this.#tables(logId).index.append(baseOffset, maxTimestamp, position)
    this.metadata.apply(operations.records)
    for (const removal of operations.removals) this.#remove(removal)
    this.sequence = sequence
    this.end = end
  }

  /**
   * The next slice of a removal: the removal itself, or one that ends earlier; undefined when nothing is left to
   * remove.
   */
  sliceOf({ logId, beforeOffset }: Removal): { removal: Removal; isLast: boolean } | undefined {
    const log = this.logs.get(logId)
    if (!log) return undefined
    const before = beforeOffset ?? Number.POSITIVE_INFINITY
    const sliceEnd = log.batches.keyAfterChunks(chunksAtATime)
    if (sliceEnd !== undefined && sliceEnd < before)
      return { removal: { logId, beforeOffset: sliceEnd }, isLast: false }
    const isThere = [log.batches, log.index].some(({ chunks }) => (chunks[0]?.firstKey ?? before) < before)
    return isThere || beforeOffset === null ? { removal: { logId, beforeOffset }, isLast: true } : undefined
  }

  /** The address of the batch with that last offset; undefined if there is none. */
  addressOf(logId: number, lastOffset: number): number | undefined {
    const batches = this.logs.get(logId)?.batches
    const place = batches?.find(lastOffset)
    return place && batches?.row(place)[1]
  }

  #append({ logId, lastOffsets, lengths }: BatchRun, from: number): number {
    const { batches } = this.#tables(logId)
    const file = this.files.at(from)
    let address = from
    for (let index = 0; index < lastOffsets.length; index++) {
      const length = lengths[index] as number
      batches.append(lastOffsets[index] as number, address, length)
      address += length
    }
    file.liveBytes += address - from
    return address
  }

  #replace({ logId, lastOffsets, lengths }: BatchRun, from: number): number {
    const batches = this.logs.get(logId)?.batches
    let address = from
    for (const [index, lastOffset] of lastOffsets.entries()) {
      const length = lengths[index] as number
      const place = batches?.find(lastOffset)
      if (batches && place) this.#put(batches, place, address, length)
      address += length
    }
    return address
  }

  /** A batch replaced, moved or removed during the copy is no longer in its former place. */
  #move({ logId, lastOffsets, lengths }: BatchRun, movedFrom: readonly number[], from: number): number {
    const batches = this.logs.get(logId)?.batches
    let address = from
    for (const [index, lastOffset] of lastOffsets.entries()) {
      const length = lengths[index] as number
      const place = batches?.find(lastOffset)
      if (batches && place && batches.row(place)[1] === movedFrom[index]) this.#put(batches, place, address, length)
      address += length
    }
    return address
  }

  #put(batches: SortedTable, place: NonNullable<ReturnType<SortedTable['find']>>, address: number, length: number) {
    const [, oldAddress, oldLength] = batches.row(place)
    this.files.count(oldAddress, -oldLength)
    batches.set(place, address, length)
    this.files.count(address, length)
  }

  #removeBatch(logId: number, lastOffset: number): void {
    const batches = this.logs.get(logId)?.batches
    const place = batches?.find(lastOffset)
    if (!batches || !place) return
    const [, address, length] = batches.row(place)
    this.files.count(address, -length)
    batches.remove(place)
  }

  #remove({ logId, beforeOffset }: Removal): void {
    const log = this.logs.get(logId)
    if (!log) return
    const before = beforeOffset ?? Number.POSITIVE_INFINITY
    log.batches.removeBefore(before, (address, length) => this.files.count(address, -length))
    log.index.removeBefore(before, () => undefined)
    if (log.batches.isEmpty && log.index.isEmpty) this.logs.delete(logId)
  }

  #tables(logId: number): LogTables {
    let log = this.logs.get(logId)
    if (!log) {
      log = { batches: new SortedTable('batches', this.memory), index: new SortedTable('index', this.memory) }
      this.logs.set(logId, log)
    }
    return log
  }
}
