import { KafkaError } from '@kafkado/core'
import {
  type RecordBatchHeader,
  UncompressedTooLong,
  type UnpackedRecordBatch,
  unpackRecordBatch,
} from '@kafkado/core/internal'

/** Shorter batches, packed and unpacked, are unpacked at once: another thread would take longer. */
const [shortPackedBytes, shortUnpackedBytes] = [64 * 1024, 256 * 1024]

/**
 * How many large batches are unpacked at a time. Each takes as much memory as its records, and Node has four threads
 * for this and for the disk.
 */
const mostAtATime = 2

/** Unpacks the batches of an engine: large ones in other threads, and few at a time, to limit the memory. */
export class Unpacking {
  #underWay = 0
  /** Those who wait for a turn, in order. The requests behind them are limited where they come in. */
  readonly #waiting: (() => void)[] = []

  /**
   * Unpacks a batch and uses it. Returns a promise only if one of the two does.
   *
   * @param limit the most bytes that the records may take
   * @param use keeps nothing of the records; the next large batch is unpacked when it has ended
   * @throws KafkaError CORRUPT_MESSAGE when the records cannot be unpacked, or are too long (`isTooLong`)
   */
  use<T>(
    bytes: Uint8Array,
    header: RecordBatchHeader,
    limit: number,
    use: (unpacked: UnpackedRecordBatch) => T | Promise<T>,
  ): T | Promise<T> {
    const whenLong = (): Promise<T> =>
      this.#inTurn(async () => use(await unpackRecordBatch(bytes, header, limit, true)))
    if (header.compressionType !== 0 && bytes.length > shortPackedBytes) return whenLong()
    let unpacked: UnpackedRecordBatch | Promise<UnpackedRecordBatch>
    try {
      unpacked = unpackRecordBatch(bytes, header, Math.min(shortUnpackedBytes, limit))
    } catch (error) {
      if (isTooLong(error) && limit > shortUnpackedBytes) return whenLong()
      throw error
    }
    if (!(unpacked instanceof Promise)) return use(unpacked)
    return unpacked.then(use, (error: unknown) => {
      if (isTooLong(error) && limit > shortUnpackedBytes) return whenLong()
      throw error
    })
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay < mostAtATime) this.#underWay++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // The turn goes straight to the next one.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#underWay--
    }
  }
}

export function isTooLong(error: unknown): boolean {
  return KafkaError.is(error) && error.cause instanceof UncompressedTooLong
}
