import { PartitionNotFoundError, type Random } from '@kafkado/core'
import { murmur2 } from './murmur2.ts'

/** What a partitioner of your own is told of a record. */
export interface PartitionerContext {
  readonly topic: string
  /** The key as it is written, or null. */
  readonly key: Uint8Array | null
  readonly value: unknown
  readonly partitionCount: number
}

/**
 * How records without a `partition` are spread. `'default'`: those with a key as Kafka's Java client does (murmur2), those
 * without one stick to a partition until a batch is full (KIP-480). `'round-robin'`: one after the other, whatever the key. Or a
 * function that returns a partition.
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
   * @throws PartitionNotFoundError when the message or the function names one that does not exist
   */
  choose(partition: number | undefined, key: Uint8Array | null, value: unknown, partitionCount: number): number {
    if (partition !== undefined) return this.#existing(partition, partitionCount)
    if (typeof this.#partitioner === 'function') {
      return this.#existing(this.#partitioner({ topic: this.#topic, key, value, partitionCount }), partitionCount)
    }
    if (this.#partitioner === 'round-robin') return this.#next++ % partitionCount
    if (key !== null) return (murmur2(key) & 0x7fffffff) % partitionCount
    this.#sticky ??= Math.floor(this.#random.next() * partitionCount)
    return this.#sticky % partitionCount
  }

  /** A batch is on its way, so records without a key go on to another partition. */
  onBatchSent(partition: number, partitionCount: number): void {
    if (partition === this.#sticky)
      this.#sticky =
        (partition + 1 + Math.floor(this.#random.next() * Math.max(partitionCount - 1, 1))) % partitionCount
  }

  #existing(partition: number, partitionCount: number): number {
    if (Number.isInteger(partition) && partition >= 0 && partition < partitionCount) return partition
    throw new PartitionNotFoundError(
      `topic '${this.#topic}' has ${partitionCount} partitions, so there is no partition ${partition}`,
    )
  }
}
