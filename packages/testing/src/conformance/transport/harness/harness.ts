import {
  codeOf,
  createTopics,
  fetch,
  initProducerId,
  type KafkaErrorName,
  listOffsets,
  produce,
  systemClock,
  type Transport,
} from '@kafkado/core'
import type { FetchedPartition, FetchRequest, ProduceResponse } from '@kafkado/core/protocol'
import { copyBytes, readRecords, RecordBatchBuilder, recordBatchesIn, unpackRecordBatch } from '@kafkado/core/internal'
import type { RecordBatchOptions, RecordContent } from '@kafkado/core/protocol'

/** A transport for a suite, and the way to end the system behind it. */
export interface TransportUnderTest {
  readonly transport: Transport
  close(): Promise<void>
}

export type MakeTransport = () => Promise<TransportUnderTest>

export type ProducedPartition = ProduceResponse['topics'][number]['partitions'][number]

export interface ReadRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
}

/** The first timestamp in the suites: 2026-01-01T00:00:00Z. */
export const startTime: number = Date.UTC(2026, 0, 1)

const decoder = new TextDecoder()

/** A cluster evaluates regular expressions at most every ten seconds. */
const longestDelayMs = 25_000

/** Actions that the cases of all suites repeat. Each case uses new names, so that one cluster serves a whole suite. */
export class Harness {
  readonly transport: Transport
  /** Whether acknowledged changes may show a little later, as on a cluster whose parts inform each other. */
  readonly isEventual: boolean
  readonly #run: string
  #count = 0

  /** @param run separates this run's names from those of earlier runs on the same cluster */
  constructor(transport: Transport, run: string, isEventual = false) {
    this.transport = transport
    this.#run = run
    this.isEventual = isEventual
  }

  /**
   * The answer once it satisfies the condition. If changes show at once, the first answer has to; otherwise it asks
   * again for a while.
   */
  async until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
    const endMs = systemClock.monotonic() + longestDelayMs
    for (;;) {
      const answer = await ask()
      if (!this.isEventual || isSo(answer) || systemClock.monotonic() > endMs) return answer
    }
  }

  /** A new, unused name. */
  name(kind = 'topic'): string {
    return `${kind}-${this.#run}-${this.#count++}`
  }

  async topic(partitions = 1, configs: Record<string, string> = {}): Promise<string> {
    const topic = this.name()
    const entries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    const response = await this.transport.send(createTopics, {
      timeoutMs: 30_000,
      validateOnly: false,
      topics: [{ topic, numPartitions: partitions, replicationFactor: -1, configs: entries }],
    })
    const error = response.topics[0]?.errorCode
    if (error !== 0)
      throw new Error(`the topic ${topic} could not be created: ${error} ${response.topics[0]?.errorMessage}`)
    return topic
  }

  /** Appends one batch and returns the partition's answer. */
  async produce(
    topic: string,
    records: Uint8Array,
    partition = 0,
    acks = -1,
    transactionalId: string | null = null,
  ): Promise<ProducedPartition> {
    const request = {
      transactionalId,
      acks,
      timeoutMs: 30_000,
      topics: [{ topic, partitions: [{ partition, records }] }],
    }
    const response = await this.transport.send(produce, request)
    return response.topics[0]?.partitions[0] as ProducedPartition
  }

  /** Appends one record after the other, each in its own batch. */
  async produceEach(topic: string, ...values: string[]): Promise<void> {
    for (const value of values) await this.produce(topic, batch([{ value }]))
  }

  async fetch(topic: string, fetchOffset: number, options: FetchOptions = {}): Promise<FetchedPartition> {
    const {
      partition = 0,
      maxWaitMs = 0,
      minBytes = 1,
      maxBytes = 50_000_000,
      partitionMaxBytes = 1_000_000,
      signal,
    } = options
    const request: FetchRequest = {
      maxWaitMs,
      minBytes,
      maxBytes,
      isolationLevel: options.isolationLevel ?? 'read_uncommitted',
      topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes }] }],
    }
    const response = await this.transport.send(fetch, request, { signal })
    return response.topics[0]?.partitions[0] as FetchedPartition
  }

  /** The values of all records from an offset to the end of one fetch. */
  async values(topic: string, fetchOffset = 0, options: FetchOptions = {}): Promise<(string | null)[]> {
    const { records } = await this.fetch(topic, fetchOffset, options)
    return (await readAll(records)).filter(({ offset }) => offset >= fetchOffset).map(({ value }) => value)
  }

  /** The values for a reader of committed records, who fetches until no more arrive. */
  async committed(topic: string, fetchOffset = 0, partition = 0, partitionMaxBytes = 1_000_000): Promise<string[]> {
    const records = await this.committedRecords(topic, fetchOffset, partition, partitionMaxBytes)
    return records.map(({ value }) => value ?? '')
  }

  /** As `committed`, with offsets and keys. */
  async committedRecords(
    topic: string,
    fetchOffset = 0,
    partition = 0,
    partitionMaxBytes = 1_000_000,
  ): Promise<ReadRecord[]> {
    const found: ReadRecord[] = []
    for (let offset = fetchOffset; ;) {
      const options = { isolationLevel: 'read_committed', partition, partitionMaxBytes } as const
      const { records, nextOffset } = await committedRecords(await this.fetch(topic, offset, options), offset)
      found.push(...records)
      if (nextOffset === offset) return found
      offset = nextOffset
    }
  }

  /** The offset and timestamp from listOffsets. */
  async offsetFor(
    topic: string,
    timestamp: number,
    partition = 0,
    isolationLevel: FetchRequest['isolationLevel'] = 'read_uncommitted',
  ): Promise<{ errorCode: number; offset: number; timestamp: number }> {
    const topics = [{ topic, partitions: [{ partition, timestamp }] }]
    const response = await this.transport.send(listOffsets, { isolationLevel, topics })
    return response.topics[0]?.partitions[0] as { errorCode: number; offset: number; timestamp: number }
  }

  async producerId(): Promise<{ producerId: number; producerEpoch: number }> {
    const request = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
    return this.transport.send(initProducerId, request)
  }
}

export interface FetchOptions extends Partial<
  Pick<FetchRequest, 'maxWaitMs' | 'minBytes' | 'maxBytes' | 'isolationLevel'>
> {
  readonly partition?: number
  readonly partitionMaxBytes?: number
  readonly signal?: AbortSignal
}

/** A batch of records; each states only the fields that matter to the case. */
export function batch(records: Partial<RecordContent>[], options: RecordBatchOptions = {}): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (const record of records) builder.append({ timestamp: startTime, key: null, value: null, headers: [], ...record })
  const built = builder.build(options)
  if (built instanceof Uint8Array) return built
  throw new Error('the suites use codecs that compress at once')
}

export async function readAll(records: Uint8Array): Promise<ReadRecord[]> {
  const found: ReadRecord[] = []
  for (const { header, batch: bytes } of recordBatchesIn(records)) {
    readRecords(
      await unpackRecordBatch(bytes, header),
      (content, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd) => {
        const text = (start: number, end: number): string | null =>
          start < 0 ? null : decoder.decode(content.subarray(start, end))
        found.push({ offset, timestamp, key: text(keyStart, keyEnd), value: text(valueStart, valueEnd) })
      },
    )
  }
  return found
}

/**
 * The records that a client reads from a fetch of committed records: without control records and those of aborted
 * transactions.
 */
async function committedRecords(
  { records, abortedTransactions }: FetchedPartition,
  fetchOffset: number,
): Promise<{ records: ReadRecord[]; nextOffset: number }> {
  const upcoming = [...(abortedTransactions ?? [])].sort((left, right) => left.firstOffset - right.firstOffset)
  const aborting = new Set<number>()
  const found: ReadRecord[] = []
  let nextOffset = fetchOffset
  for (const { header, batch: bytes } of recordBatchesIn(records)) {
    nextOffset = header.lastOffset + 1
    while (upcoming[0] && upcoming[0].firstOffset <= header.lastOffset)
      aborting.add((upcoming.shift() as { producerId: number }).producerId)
    if (header.isControl) aborting.delete(header.producerId)
    else if (!header.isTransactional || !aborting.has(header.producerId)) found.push(...(await readAll(bytes)))
  }
  return { records: found.filter(({ offset }) => offset >= fetchOffset), nextOffset }
}

/** Changes a field of a batch's header and leaves the checksum as it was, unless the caller recomputes it. */
export function tampered(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = copyBytes(bytes)
  change(new DataView(copy.buffer))
  return copy
}

/** Cases are described before the harness exists, and get it when they run. */
export type GetHarness = () => Harness

export const noError = 0

export function errorNumber(name: KafkaErrorName): number {
  return codeOf(name)
}
