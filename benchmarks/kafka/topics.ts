import { setTimeout } from 'node:timers/promises'
import { Admin, ListOffsetTimestamps, ProduceAcks, Producer } from '@platformatic/kafka'
import { batchBytes, partitions } from './common-settings.ts'
import { keyAt, valueAt } from './workload.ts'

const recordsInBatch = Math.floor(batchBytes / (keyAt(0).length + valueAt(0).length))

/** The topics of the benchmark. */
export class Topics {
  readonly #options: { clientId: string; bootstrapBrokers: string[] }
  readonly #configs: readonly { name: string; value: string }[]
  readonly #admin: Admin

  /** @param configs settings of all topics, by Kafka's names */
  constructor(brokers: string, configs: Readonly<Record<string, string>> = {}) {
    this.#configs = Object.entries(configs).map(([name, value]) => ({ name, value }))
    this.#options = { clientId: 'benchmark-topics', bootstrapBrokers: brokers.split(',') }
    this.#admin = new Admin(this.#options)
  }

  /**
   * Resolves when all partitions have their leader: a client that has to send again because one is missing may write
   * records twice.
   */
  async create(topic: string): Promise<void> {
    await this.#admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: [...this.#configs] })
    for (let left = 100; ; left--) {
      try {
        await this.counts(topic)
        return
      } catch (error) {
        if (left === 0) throw error
        await setTimeout(100)
      }
    }
  }

  async delete(topic: string): Promise<void> {
    await this.#admin.deleteTopics({ topics: [topic] })
  }

  /** How many records each partition has, by the offsets at its end. */
  async counts(topic: string): Promise<number[]> {
    const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: ListOffsetTimestamps.LATEST,
    }))
    const [found] = await this.#admin.listOffsets({ topics: [{ name: topic, partitions: asked }] })
    const ends = found?.partitions.toSorted((left, right) => left.partitionIndex - right.partitionIndex) ?? []
    return ends.map(({ offset }) => Number(offset))
  }

  /**
   * Fills a topic for reading with batches as large as Kafka's own producer makes them by default. All clients read the
   * same ones: what each would have written itself differs in the size of its batches, and that would count for its
   * reading.
   */
  async fill(topic: string, records: number): Promise<void> {
    await this.create(topic)
    const producer = new Producer({ ...this.#options, autocreateTopics: false, idempotent: true })
    for (let start = 0; start < records; start += recordsInBatch * partitions) {
      const messages = Array.from({ length: Math.min(recordsInBatch * partitions, records - start) }, (_, index) => ({
        topic,
        key: keyAt(start + index),
        value: valueAt(start + index),
        partition: Math.floor(index / recordsInBatch),
      }))
      await producer.send({ messages, acks: ProduceAcks.ALL })
    }
    await producer.close()
    const written = sumOf(await this.counts(topic))
    if (written !== records)
      throw new Error(`topic '${topic}' was filled with ${written} records and not with ${records}`)
  }

  close(): Promise<void> {
    return this.#admin.close()
  }
}

export function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
