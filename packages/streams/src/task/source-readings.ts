import type { KafkaRecord } from '@kafkado/core'
import type { SourceNode } from '../graph/graph-node.ts'
import { decoded } from './decoded.ts'
import { validTimestamp } from './record-queue.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** A record as one source reads it; undefined if the source skips it for its time. */
export type Reading =
  | { readonly key: unknown; readonly value: unknown; readonly timestamp: number }
  | { readonly error: unknown }
  | undefined

/** The records of a topic as several sources read them, each with its own serdes and times. */
export class SourceReadings {
  readonly #sources: readonly SourceReader[]
  /** The readings of waiting records. Every source must read a record to tell its turn. */
  readonly #known = new WeakMap<AnyRecord, readonly Reading[]>()

  constructor(sources: readonly SourceNode[]) {
    this.#sources = sources.map((source) => new SourceReader(source))
  }

  /** When a record gets its turn: at the earliest of its times. Without any, right after the record before it. */
  timeOf(record: AnyRecord): number {
    const readings = this.#sources.map((source) => source.read(record))
    this.#known.set(record, readings)
    const times = readings.flatMap((reading) => (reading && 'timestamp' in reading ? [reading.timestamp] : []))
    const before = Math.min(...this.#sources.map(({ partitionTime }) => partitionTime))
    return times.length > 0 ? Math.min(...times) : Math.max(before, 0)
  }

  /** The record as each source reads it, in the order of the sources. */
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
