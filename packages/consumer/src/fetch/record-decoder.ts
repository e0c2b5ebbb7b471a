import type { FetchedPartition } from '@kafkado/core/protocol'
import {
  controlRecordType,
  readRecords,
  recordBatchesIn,
  type RecordSource,
  unpackRecordBatch,
  UnreadRecords,
} from '@kafkado/core/internal'

/** What is read of a fetched partition here. */
type FetchedRecords = Pick<FetchedPartition, 'records' | 'abortedTransactions'>

interface Decoded<V, K> {
  readonly batches: UnreadRecords<V, K>[]
  /** The offset after the last batch, whether its records count or not. */
  readonly nextOffset: number
}

/**
 * The records of one fetched partition from an offset on, without control records. Records of aborted transactions are
 * included only when uncommitted ones are read.
 *
 * @throws KafkaError CORRUPT_MESSAGE when the first batch cannot be read; a later bad batch ends the decoding
 */
export async function decodeRecords<V, K>(
  fetched: FetchedRecords,
  fetchOffset: number,
  source: RecordSource<V, K>,
): Promise<Decoded<V, K>> {
  const batches: UnreadRecords<V, K>[] = []
  const aborted = new AbortedProducers(fetched)
  let nextOffset = fetchOffset
  try {
    for (const { header, batch } of recordBatchesIn(fetched.records)) {
      const isAborted = aborted.covers(header.producerId, header.lastOffset, header.isTransactional)
      if (header.isControl || !isAborted) {
        const unpacking = unpackRecordBatch(batch, header)
        const unpacked = unpacking instanceof Promise ? await unpacking : unpacking
        if (header.isControl) {
          readRecords(unpacked, (bytes, _offset, _timestamp, keyStart) => {
            if (controlRecordType(bytes, keyStart) === 'abort') aborted.end(header.producerId)
          })
        } else batches.push(new UnreadRecords(unpacked, source, fetchOffset))
      }
      nextOffset = Math.max(nextOffset, header.lastOffset + 1)
    }
  } catch (error) {
    // Give out the records before it first; the next fetch reaches this batch again.
    if (nextOffset === fetchOffset) throw error
  }
  return { batches, nextOffset }
}

/** The producers whose transactions are aborted at the current point of reading. */
class AbortedProducers {
  readonly #upcoming: { producerId: number; firstOffset: number }[]
  readonly #current = new Set<number>()

  constructor({ abortedTransactions }: Pick<FetchedPartition, 'abortedTransactions'>) {
    this.#upcoming = [...(abortedTransactions ?? [])].sort((left, right) => left.firstOffset - right.firstOffset)
  }

  covers(producerId: number, lastOffset: number, isTransactional: boolean): boolean {
    for (let next = this.#upcoming[0]; next && next.firstOffset <= lastOffset; next = this.#upcoming[0]) {
      this.#current.add(next.producerId)
      this.#upcoming.shift()
    }
    return isTransactional && this.#current.has(producerId)
  }

  /** An abort marker ends the producer's transaction; later records may be committed. */
  end(producerId: number): void {
    this.#current.delete(producerId)
  }
}
