import {
  controlRecordType,
  filterRecordBatch,
  readRecords,
  type RecordBatchHeader,
  unpackRecordBatch,
} from '@kafkado/core/internal'
import type { Units } from '../records/changes.ts'
import { cleanableEnd, prunedPasses, removableBefore } from './cleaning-plan.ts'
import type { TopicSettings } from '../settings/topic-settings.ts'
import type { RewrittenBatch } from './cleaning-state.ts'
import type { LogScan } from './log-scan.ts'
import type { PartitionLog } from './partition-log.ts'

/** With more keys than this, cleaning takes several passes, to limit the memory. */
const maxKeys = 1_000_000
/** Commits after this many bytes read, so that a pass neither blocks the engine nor needs all its memory. */
const unitBytes = 1024 * 1024

const decoder = new TextDecoder('latin1')

/** The content of the next unit. */
interface Rewriting {
  readonly batches: RewrittenBatch[]
  /** The markers of aborted transactions that lose their last record with it. */
  readonly forgotten: number[]
}

/**
 * Removes records of a log that a later one with the same key replaces (`cleanup.policy=compact`).
 *
 * Offsets stay as they are, so batches get gaps. Aborted records are removed first, and only then their entry in the
 * list of aborted transactions. Markers and tombstones stay until `delete.retention.ms` is over, so that every reader
 * on its way through the log has seen them. The last batch of a log always stays: a restart finds the next offset by
 * it.
 */
export class LogCleaner {
  readonly #log: PartitionLog
  readonly #scan: LogScan
  readonly #settings: TopicSettings
  readonly #units: Units
  /** The last offset of each key in the part being cleaned for the first time. */
  readonly #lastOffsets = new Map<string, number>()
  /** Transactional producers with a remaining record; their marker stays too. */
  readonly #withRecords = new Set<number>()

  /** @param units makes the changes durable, or does nothing when the log is gone by then */
  constructor(log: PartitionLog, scan: LogScan, settings: TopicSettings, units: Units) {
    this.#log = log
    this.#scan = scan
    this.#settings = settings
    this.#units = units
  }

  /** Cleans if it gains enough. */
  async clean(nowMs: number): Promise<void> {
    const log = this.#log
    const limit = await cleanableEnd(log, this.#scan, this.#settings, nowMs)
    if (limit === undefined) return
    const end = await this.#collectKeys(Math.max(log.cleaning.cleanedOffset, log.logStartOffset), limit)
    await this.#rewrite(end, removableBefore(log.cleaning.passes, this.#settings, nowMs))
    // An incomplete collection is begun again.
    if (this.#scan.isOver) return
    const changes = this.#units.beginEnding()
    log.cleaning.finish(changes, end, prunedPasses([...log.cleaning.passes, [end, nowMs]], this.#settings, nowMs))
    await this.#units.commit(changes)
  }

  /** Returns the end of the part whose keys fit. */
  async #collectKeys(from: number, until: number): Promise<number> {
    for await (const slice of this.#scan.slices(from, until)) {
      for (const read of slice) {
        const { header } = read
        if (this.#lastOffsets.size >= maxKeys) return header.baseOffset
        if (header.isControl || this.#isAborted(header)) continue
        await this.#scan.visit(read, (bytes, offset, _time, keyStart, keyEnd) => {
          if (keyStart >= 0) this.#lastOffsets.set(decoder.decode(bytes.subarray(keyStart, keyEnd)), offset)
        })
      }
    }
    return until
  }

  async #rewrite(until: number, removableBefore: number): Promise<void> {
    const log = this.#log
    let [left, readBytes] = [{ batches: [], forgotten: [] } as Rewriting, 0]
    // In one turn: deletions while the log is read have their own units, before this one.
    const commit = (): Promise<void> => {
      const changes = this.#units.beginEnding()
      log.cleaning.begin(changes, until)
      for (const lastOffset of left.forgotten) log.aborted.forget(changes, lastOffset)
      log.cleaning.rewrite(changes, left.batches)
      return this.#units.commit(changes)
    }
    for await (const slice of this.#scan.slices(log.logStartOffset, until)) {
      for (const { header, batch } of slice) {
        const kept = (await this.#kept(left, header, batch, removableBefore)) ?? null
        if (kept !== batch) left.batches.push({ header, bytes: kept })
        readBytes += batch.length
        if (readBytes < unitBytes) continue
        await commit()
        ;[left, readBytes] = [{ batches: [], forgotten: [] }, 0]
      }
    }
    if (!this.#scan.isOver) await commit()
  }

  /** Returns what remains of a batch: itself, a smaller one, or nothing. */
  async #kept(
    left: Rewriting,
    header: RecordBatchHeader,
    batch: Uint8Array,
    removableBefore: number,
  ): Promise<Uint8Array | undefined> {
    const { producerId, isTransactional, lastOffset, recordsCount } = header
    if (header.isControl) return this.#keptMarker(left, header, batch, removableBefore)
    if (this.#isAborted(header)) return undefined
    let [count, kept]: [number, Uint8Array | undefined] = [0, batch]
    const stays = (
      bytes: Uint8Array,
      offset: number,
      keyStart: number,
      keyEnd: number,
      valueStart: number,
    ): boolean => {
      if (keyStart < 0) return false
      const isReplaced = (this.#lastOffsets.get(decoder.decode(bytes.subarray(keyStart, keyEnd))) ?? -1) > offset
      return !isReplaced && !(valueStart < 0 && lastOffset < removableBefore)
    }
    await this.#scan.visit(
      { header, batch },
      (bytes, offset, _time, keyStart, keyEnd, valueStart) => {
        if (stays(bytes, offset, keyStart, keyEnd, valueStart)) count++
      },
      async (unpacked) => {
        if (count < recordsCount) kept = count === 0 ? undefined : await filterRecordBatch(unpacked, stays)
      },
    )
    if (count > 0 && isTransactional) this.#withRecords.add(producerId)
    return kept
  }

  async #keptMarker(
    left: Rewriting,
    header: RecordBatchHeader,
    batch: Uint8Array,
    removableBefore: number,
  ): Promise<Uint8Array | undefined> {
    const { producerId, lastOffset } = header
    let isAbort = false
    readRecords(await unpackRecordBatch(batch, header), (bytes, _offset, _time, keyStart) => {
      isAbort = controlRecordType(bytes, keyStart) === 'abort'
    })
    // The unit that removes the last of its records also removes it from the list. Any earlier, and readers would take
    // the records for committed.
    if (isAbort) left.forgotten.push(lastOffset)
    const hasRecords = this.#withRecords.delete(producerId)
    return hasRecords || lastOffset >= removableBefore ? batch : undefined
  }

  #isAborted({ isTransactional, producerId, baseOffset }: RecordBatchHeader): boolean {
    return isTransactional && this.#log.aborted.covers(producerId, baseOffset)
  }
}
