import type { DropReason } from '../../processors/processor.ts'

/**
 * The measurements of a running application. Each message is published on the channel `kafkado:streams:NAME` of
 * `node:diagnostics_channel`, with the name of the application.
 */
export interface StreamsMetrics {
  /** The records that a task has processed in one turn. Kafka: process-total, process-latency, record-e2e-latency. */
  processed: {
    readonly task: string
    readonly records: number
    /** How long the turn took. */
    readonly durationMs: number
    /** The age of the last record at that moment, by its timestamp; undefined without a timestamp. */
    readonly latencyMs: number | undefined
  }
  /** A commit of all tasks of a member. Kafka: commit-total, commit-latency. */
  committed: { readonly tasks: number; readonly partitions: number; readonly durationMs: number }
  /** How many records of a partition a task has still to process, with each commit. Kafka: records-lag. */
  lag: { readonly task: string; readonly topic: string; readonly partition: number; readonly records: number }
  /**
   * Dropped records since the last message, with a commit, if there were any; those of global tables when they were
   * read. Kafka: dropped-records-total.
   */
  dropped: {
    /** `global` for the global tables of a member. */
    readonly task: string
    readonly reason: DropReason
    readonly records: number
    /** Since the start of the task. */
    readonly total: number
  }
  /** How many entries a store has in memory, with each commit. Kafka: num-keys, and estimate-num-keys of RocksDB. */
  store: { readonly task: string; readonly store: string; readonly entries: number }
  /**
   * How many updates were held back since the task began, and how many of these were replaced by later ones; with each
   * commit. Kafka: hit-ratio.
   */
  cache: {
    readonly task: string
    readonly store: string
    readonly updates: number
    readonly hits: number
    /** `hits` divided by `updates`; 0 without any. */
    readonly hitRatio: number
  }
}

export type MetricName = keyof StreamsMetrics

export const metricNames: readonly MetricName[] = Object.keys({
  processed: true,
  committed: true,
  lag: true,
  dropped: true,
  store: true,
  cache: true,
} satisfies Record<MetricName, true>) as MetricName[]

/** Receives the measurements of a member. */
export interface Meter {
  /** Whether anybody listens. Otherwise nothing is measured. */
  isWanted(name: MetricName): boolean
  publish<Name extends MetricName>(name: Name, message: StreamsMetrics[Name]): void
}
