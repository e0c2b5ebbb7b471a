import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { JournalStorage } from '@kafkado/broker/disk'
import { withStorage } from '@kafkado/broker/storage'
import { createTopics, fetch, listOffsets, produce } from '@kafkado/core'
import type { StorageSubject } from './subject.ts'

const topic = 'benchmark'

/** A journal waits for the disk in each of these calls. */
let vectoredWrites = 0
const { writev } = fs
fs.writev = Object.assign((...given: unknown[]) => {
  vectoredWrites++
  ;(writev as unknown as (...all: unknown[]) => void)(...given)
}, writev) as typeof writev
syncBuiltinESMExports()

/** The engine as clients see it: produce and fetch on a folder, with acks all. */
export class EngineLog implements StorageSubject {
  readonly #transport: EmbeddedTransport
  readonly #partitions: number
  readonly #journal: JournalStorage | undefined
  readonly #ended = new AbortController()
  #appends = 0

  private constructor(transport: EmbeddedTransport, partitions: number, journal: JournalStorage | undefined) {
    this.#transport = transport
    this.#partitions = partitions
    this.#journal = journal
  }

  get syncs(): number | undefined {
    return this.#journal && vectoredWrites
  }

  get writtenBytes(): number | undefined {
    return this.#journal?.writtenBytes
  }

  static async open(folder: string, storage: 'journal' | 'lmdb' | 'sqlite', partitions = 1): Promise<EngineLog> {
    const journal = storage === 'journal' ? new JournalStorage(folder) : undefined
    const transport = journal ? withStorage(journal) : embedded(folder, { storage })
    const topics = [{ topic, numPartitions: partitions, replicationFactor: -1, configs: [] }]
    await transport.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
    return new EngineLog(transport, partitions, journal)
  }

  async append(batch: Uint8Array): Promise<void> {
    const partition = this.#appends++ % this.#partitions
    const topics = [{ topic, partitions: [{ partition, records: batch }] }]
    const response = await this.#transport.send(produce, { transactionalId: null, acks: -1, timeoutMs: 1000, topics })
    const { errorCode, errorMessage } = response.topics[0]!.partitions[0]!
    if (errorCode !== 0) throw new Error(`${errorMessage}`)
  }

  tail(readers: number): void {
    for (let reader = 0; reader < readers; reader++) void this.#follow().catch(() => undefined)
  }

  /** Reads what comes, from where the first partition ends now. */
  async #follow(): Promise<void> {
    for (let offset = await this.#endOffset(); ;) {
      const records = await this.#fetch(0, offset, 1000)
      if (records.length > 0) offset = nextOffset(records)
    }
  }

  async #endOffset(): Promise<number> {
    const topics = [{ topic, partitions: [{ partition: 0, timestamp: -1 }] }]
    const response = await this.#transport.send(listOffsets, { isolationLevel: 'read_uncommitted', topics })
    return response.topics[0]!.partitions[0]!.offset
  }

  async #fetch(partition: number, fetchOffset: number, maxWaitMs: number): Promise<Uint8Array> {
    const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1024 * 1024 }]
    const response = await this.#transport.send(
      fetch,
      {
        maxWaitMs,
        minBytes: 1,
        maxBytes: 1024 * 1024,
        isolationLevel: 'read_uncommitted',
        topics: [{ topic, partitions }],
      },
      { signal: this.#ended.signal },
    )
    return response.topics[0]!.partitions[0]!.records
  }

  /** Reads a little at so many places, from the first to the last. */
  async readAllOver(places: number): Promise<void> {
    const end = await this.#endOffset()
    for (let place = 0; place < places; place++) await this.#fetch(0, Math.floor((end * place) / places), 0)
  }

  async readAll(): Promise<number> {
    let bytes = 0
    for (let partition = 0; partition < this.#partitions; partition++) bytes += await this.#readPartition(partition)
    return bytes
  }

  async #readPartition(partition: number): Promise<number> {
    let bytes = 0
    for (let fetchOffset = 0; ;) {
      const records = await this.#fetch(partition, fetchOffset, 0)
      if (records.length === 0) return bytes
      bytes += records.length
      fetchOffset = nextOffset(records)
    }
  }

  close(): Promise<void> {
    this.#ended.abort()
    return this.#transport.close()
  }
}

/** From the header of the last batch, as a reader who does not decode records would find it. */
function nextOffset(records: Uint8Array): number {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let [last, position] = [0, 0]
  for (; position < records.length; position += view.getInt32(position + 8) + 12) last = position
  return Number(view.getBigInt64(last)) + view.getInt32(last + 23) + 1
}
