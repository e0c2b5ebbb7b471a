import type { KafkaRecord } from '@kafkado/core'
import type { SourceNode } from '../graph/graph-node.ts'
import { decoded } from './decoded.ts'
import { validTimestamp } from './record-queue.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** What a record is to a source; undefined where that leaves it out, for its time. */
export type Reading =
  | { readonly key: unknown; readonly value: unknown; readonly timestamp: number }
  | { readonly error: unknown }
  | undefined

/** What the records of a topic are to several sources that read it, each with serdes and times of its own. */
export class SourceReadings {
  readonly #sources: readonly SourceReader[]
  /** Of records that wait, as all of them have to be read to tell when it is their turn. */
  readonly #known = new WeakMap<AnyRecord, readonly Reading[]>()

  constructor(sources: readonly SourceNode[]) {
    this.#sources = sources.map((source) => new SourceReader(source))
  }

  /** When a record has its turn: at the earliest of its times. Without any it is at the time of what was before it. */
  timeOf(record: AnyRecord): number {
    const readings = this.#sources.map((source) => source.read(record))
    this.#known.set(record, readings)
    const times = readings.flatMap((reading) => (reading && 'timestamp' in reading ? [reading.timestamp] : []))
    const before = Math.min(...this.#sources.map(({ partitionTime }) => partitionTime))
    return times.length > 0 ? Math.min(...times) : Math.max(before, 0)
  }

  /** What a record is to each of the sources, in their order. */
  of(record: AnyRecord): readonly Reading[] {
    return this.#known.get(record) ?? []
  }
}

class SourceReader {
  readonly #source: SourceNode
  /** The greatest time of a record so far; −1 before the first. */
  partitionTime = -1

  constructor(source: SourceNode) {
    this.#source = source
  }

  read(record: AnyRecord): Reading {
    const { topic, timestampOf, invalidTimestamp } = this.#source
    try {
      const [key, value] = decoded(record, topic)
      const time = timestampOf ? timestampOf(value, key, record) : record.timestamp
      const timestamp = validTimestamp(invalidTimestamp, record, time, this.partitionTime)
      if (timestamp === undefined) return undefined
      this.partitionTime = Math.max(this.partitionTime, timestamp)
      return { key, value, timestamp }
    } catch (error) {
      return { error }
    }
  }
}
