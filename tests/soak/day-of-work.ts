import type { EmbeddedTransport } from '@kafkado/broker'
import { JournalStorage } from '@kafkado/broker/disk'
import { withStorage } from '@kafkado/broker/storage'
import { codeOf, createTopics, fetch, listOffsets, produce, seededRandom, type Random } from '@kafkado/core'
import { ManualClock, RecordBatchBuilder, soundRecordBatches } from '@kafkado/core/internal'
import { within } from '../reliability/within.ts'

/** What goes through a folder in a day, and about how much of it counts at a time. */
export interface DaySize {
  readonly dayBytes: number
  readonly liveBytes: number
  readonly partitions: number
  /** The day passes in so many steps. */
  readonly steps: number
}

export const dayMs = 86_400_000
/** A fifth of what is written goes to a topic that is compacted, and so many of the partitions are its. */
const compactedShare = 0.2
/** What its keys take together: twice that may lie there until it is cleaned. */
const keysShare = 0.1
const valueBytes = 1000
const recordsInBatch = 20
/** Batches of one record, of some, and of many: 20 KB each on average. */
const batchSizes = [
  [0.5, 300],
  [0.4, 20_000],
  [0.1, 120_000],
] as const
const inFlight = 64

/**
 * A topic with retention and one with compaction in a folder on the disk, which are written and read while a clock goes
 * that is advanced by hand.
 */
export class DayOfWork implements AsyncDisposable {
  readonly counts = { batches: 0, 'bytes appended': 0, reads: 0, 'bytes read': 0 }
  readonly violations: string[] = []
  readonly #clock = new ManualClock()
  readonly #random: Random
  readonly #size: DaySize
  readonly #engine: EmbeddedTransport
  readonly #storage: HousekeptStorage
  readonly #compacted: number
  readonly #keys: number
  /** The offset behind what was acknowledged, by topic and partition. */
  readonly #ends = new Map<string, number>()

  constructor(folder: string, size: DaySize, seed: number) {
    this.#size = size
    this.#random = seededRandom(seed)
    this.#storage = new HousekeptStorage(folder)
    const runtime = { clock: this.#clock, random: this.#random }
    this.#engine = withStorage(this.#storage, { cleanupInterval: dayMs / size.steps, runtime })
    this.#compacted = Math.ceil(size.partitions * compactedShare)
    this.#keys = Math.ceil((size.liveBytes * keysShare) / this.#compacted / valueBytes)
  }

  async makeTopics(): Promise<void> {
    const { dayBytes, liveBytes, partitions } = this.#size
    const keptShare = (liveBytes * (1 - 2 * keysShare)) / (dayBytes * (1 - compactedShare))
    const topic = (name: string, count: number, configs: { name: string; value: string }[]) => ({
      topic: name,
      numPartitions: count,
      replicationFactor: -1,
      configs,
    })
    const { topics } = await this.#engine.send(createTopics, {
      timeoutMs: 60_000,
      validateOnly: false,
      topics: [
        topic('events', partitions - this.#compacted, [
          { name: 'retention.ms', value: `${Math.round(dayMs * keptShare)}` },
        ]),
        topic('state', this.#compacted, [{ name: 'cleanup.policy', value: 'compact' }]),
      ],
    })
    for (const { errorCode, errorMessage } of topics) if (errorCode !== 0) throw new Error(`${errorMessage}`)
  }

  /**
   * The time of a step passes, at whose end the engine tidies up; beside that goes what is written in a step, and
   * readers. The next step waits for both: what is tidied up once in some minutes has to be done in the time that it
   * takes to write as much as a disk can.
   */
  async step(): Promise<void> {
    const tidied = this.#storage.nextReclaim()
    await this.#clock.advanceAsync(dayMs / this.#size.steps)
    await this.#writeAndRead()
    await within(tidied, 600_000, 'retention and compaction')
  }

  async #writeAndRead(): Promise<void> {
    const { dayBytes, steps, partitions } = this.#size
    const events = this.#events()
    let left = dayBytes / steps
    const append = async (): Promise<void> => {
      while (left > 0) {
        const isCompacted = this.#random.next() < compactedShare
        const partition = this.#below(isCompacted ? this.#compacted : partitions - this.#compacted)
        const { bytes, records } = isCompacted ? this.#changes() : this.#oneOf(events)
        left -= bytes.length
        await this.#append(isCompacted ? 'state' : 'events', partition, bytes, records)
      }
    }
    const read = async (): Promise<void> => {
      while (left > 0) await this.#readFromStart()
    }
    await Promise.all([...Array.from({ length: inFlight }, append), read()])
  }

  /** Compares where the partitions end with what was acknowledged. */
  async checkEnds(): Promise<void> {
    for (const [place, end] of this.#ends) {
      const [topic = '', partition = 0] = place.split('-')
      const found = await this.#offset(topic, Number(partition), -1)
      if (found !== end) this.violations.push(`${place} ends at ${found}, ${end} was acknowledged`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.close()
  }

  async #append(topic: string, partition: number, records: Uint8Array, count: number): Promise<void> {
    const { topics } = await this.#engine.send(produce, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 60_000,
      topics: [{ topic, partitions: [{ partition, records }] }],
    })
    const { errorCode, errorMessage, baseOffset } = topics[0]!.partitions[0]!
    if (errorCode !== 0) throw new Error(`${topic}-${partition}: ${errorMessage}`)
    const place = `${topic}-${partition}`
    this.#ends.set(place, Math.max(this.#ends.get(place) ?? 0, baseOffset + count))
    this.counts.batches++
    this.counts['bytes appended'] += records.length
  }

  /** The oldest records of some partition, which lie in the oldest file of all. */
  async #readFromStart(): Promise<void> {
    const isCompacted = this.#random.next() < compactedShare
    const topic = isCompacted ? 'state' : 'events'
    const partition = this.#below(isCompacted ? this.#compacted : this.#size.partitions - this.#compacted)
    const fetchOffset = await this.#offset(topic, partition, -2)
    const { topics } = await this.#engine.send(fetch, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1_000_000,
      isolationLevel: 'read_uncommitted',
      topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }] }],
    })
    const { errorCode, records } = topics[0]!.partitions[0]!
    this.counts.reads++
    this.counts['bytes read'] += records.length
    // Retention may have passed it by in between.
    if (errorCode !== 0 && errorCode !== codeOf('OFFSET_OUT_OF_RANGE'))
      this.violations.push(`${topic}-${partition}: error ${errorCode}`)
    if (soundRecordBatches(records).soundBytes !== records.length)
      this.violations.push(`${topic}-${partition}: what was read from ${fetchOffset} on is damaged`)
  }

  async #offset(topic: string, partition: number, timestamp: number): Promise<number> {
    const { topics } = await this.#engine.send(listOffsets, {
      isolationLevel: 'read_uncommitted',
      topics: [{ topic, partitions: [{ partition, timestamp }] }],
    })
    return topics[0]!.partitions[0]!.offset
  }

  /** A batch of each size, of this moment. */
  #events(): { share: number; bytes: Uint8Array; records: number }[] {
    return batchSizes.map(([share, size]) => {
      const records = Math.max(Math.round(size / valueBytes), 1)
      const builder = new RecordBatchBuilder()
      for (let index = 0; index < records; index++)
        builder.append({
          timestamp: this.#clock.now(),
          key: null,
          value: 'x'.repeat(Math.min(size, valueBytes) - 70),
          headers: [],
        })
      return { share, bytes: builder.build() as Uint8Array, records }
    })
  }

  #oneOf(events: readonly { share: number; bytes: Uint8Array; records: number }[]) {
    let left = this.#random.next()
    return events.find(({ share }) => (left -= share) < 0) ?? events[0]!
  }

  /** New values of some keys. */
  #changes(): { bytes: Uint8Array; records: number } {
    const builder = new RecordBatchBuilder()
    for (let index = 0; index < recordsInBatch; index++)
      builder.append({
        timestamp: this.#clock.now(),
        key: `key-${this.#below(this.#keys)}`,
        value: `${this.counts.batches}`.padEnd(valueBytes, '.'),
        headers: [],
      })
    return { bytes: builder.build() as Uint8Array, records: recordsInBatch }
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }
}

/** Tells when the engine has tidied up: it ends with that. */
class HousekeptStorage extends JournalStorage {
  #told: (() => void)[] = []

  nextReclaim(): Promise<void> {
    return new Promise((resolve) => this.#told.push(resolve))
  }

  override async reclaim(): Promise<void> {
    await super.reclaim()
    for (const tell of this.#told.splice(0)) tell()
  }
}
