import { InvalidRequestError, type Random } from '@kafkado/core'
import { partitionOfKey, showTyped } from '@kafkado/core/internal'

/** What your partitioner gets to know about a record. */
export interface PartitionerContext {
  readonly topic: string
  /** The serialised key, or null. */
  readonly key: Uint8Array | null
  readonly value: unknown
  readonly partitionCount: number
}

/**
 * How records without a `partition` are spread. `'default'`: a record with a key as in Kafka's Java client (murmur2);
 * records without a key share a partition until a batch is full (KIP-480). `'round-robin'`: one partition after the
 * other, whatever the key. Or a function that returns a partition.
 */
export type Partitioner = 'default' | 'round-robin' | ((context: PartitionerContext) => number)

/** Chooses the partition of each record of one topic. */
export class PartitionChooser {
  readonly #topic: string
  readonly #partitioner: Partitioner
  readonly #random: Random
  #sticky: number | undefined
  #next = 0

  constructor(topic: string, partitioner: Partitioner, random: Random) {
    this.#topic = topic
    this.#partitioner = partitioner
    this.#random = random
  }

  /**
   * The partition that the message names, or that the partitioner chooses. The topic may not have it, as far as known.
   *
   * @throws InvalidRequestError when the function returns anything but a partition number
   */
  choose(given: number | undefined, key: Uint8Array | null, value: unknown, partitionCount: number): number {
    if (given !== undefined) return given
    if (typeof this.#partitioner === 'function') {
      const chosen: unknown = this.#partitioner({ topic: this.#topic, key, value, partitionCount })
      if (Number.isSafeInteger(chosen) && (chosen as number) >= 0) return chosen as number
      throw new InvalidRequestError(
        `topic '${this.#topic}': the partitioner has to return a whole number from 0 up, got ${showTyped(chosen)}`,
      )
    }
    if (this.#partitioner === 'round-robin') return this.#next++ % partitionCount
    if (key !== null) return partitionOfKey(key, partitionCount)
    this.#sticky ??= Math.floor(this.#random.next() * partitionCount)
    return this.#sticky % partitionCount
  }

  /** A batch is on its way, so records without a key move to another partition. */
  onBatchSent(partition: number, partitionCount: number): void {
    if (partition === this.#sticky)
      this.#sticky =
        (partition + 1 + Math.floor(this.#random.next() * Math.max(partitionCount - 1, 1))) % partitionCount
  }
}
