import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { createTopics, fetch, produce } from '@kafkado/core'
import type { StorageSubject } from './subject.ts'

const topic = 'benchmark'

/** The engine as clients see it: produce and fetch on a folder, with acks all. */
export class EngineLog implements StorageSubject {
  readonly #transport: EmbeddedTransport
  readonly #partitions: number
  #appends = 0

  private constructor(transport: EmbeddedTransport, partitions: number) {
    this.#transport = transport
    this.#partitions = partitions
  }

  static async open(folder: string, storage: 'journal' | 'lmdb' | 'sqlite', partitions = 1): Promise<EngineLog> {
    const transport = embedded(folder, { storage })
    const topics = [{ topic, numPartitions: partitions, replicationFactor: -1, configs: [] }]
    await transport.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
    return new EngineLog(transport, partitions)
  }

  async append(batch: Uint8Array): Promise<void> {
    const partition = this.#appends++ % this.#partitions
    const topics = [{ topic, partitions: [{ partition, records: batch }] }]
    const response = await this.#transport.send(produce, { transactionalId: null, acks: -1, timeoutMs: 1000, topics })
    const { errorCode, errorMessage } = response.topics[0]!.partitions[0]!
    if (errorCode !== 0) throw new Error(`${errorMessage}`)
  }

  async readAll(): Promise<number> {
    let bytes = 0
    for (let partition = 0; partition < this.#partitions; partition++) bytes += await this.#readPartition(partition)
    return bytes
  }

  async #readPartition(partition: number): Promise<number> {
    let bytes = 0
    for (let fetchOffset = 0; ;) {
      const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1024 * 1024 }]
      const response = await this.#transport.send(fetch, {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 1024 * 1024,
        isolationLevel: 'read_uncommitted',
        topics: [{ topic, partitions }],
      })
      const { records } = response.topics[0]!.partitions[0]!
      if (records.length === 0) return bytes
      bytes += records.length
      fetchOffset = nextOffset(records)
    }
  }

  close(): Promise<void> {
    return this.#transport.close()
  }
}

/** From the header of the last batch, as a reader who does not decode records would find it. */
function nextOffset(records: Uint8Array): number {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let next = 0
  for (let position = 0; position < records.length; position += view.getInt32(position + 8) + 12)
    next = Number(view.getBigInt64(position)) + view.getInt32(position + 23) + 1
  return next
}
