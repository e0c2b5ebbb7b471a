import type { DropReason } from '../../processors/processor.ts'

/**
 * What a running application measures. Each message is published on the channel `kafkado:streams:NAME` of
 * `node:diagnostics_channel`, with the name of the application.
 */
export interface StreamsMetrics {
  /** What a task has processed in one turn. Kafka: process-total, process-latency, record-e2e-latency. */
  processed: {
    readonly task: string
    readonly records: number
    /** How long that took. */
    readonly durationMs: number
    /** How old the last of the records was by then, by its timestamp; undefined where it has none. */
    readonly latencyMs: number | undefined
  }
  /** A commit of all tasks of a member. Kafka: commit-total, commit-latency. */
  committed: { readonly tasks: number; readonly partitions: number; readonly durationMs: number }
  /** What a task has not processed of a partition, told with each commit. Kafka: records-lag. */
  lag: { readonly task: string; readonly topic: string; readonly partition: number; readonly records: number }
  /**
   * Records without effect, since it was told last; with a commit, where there were any. Kafka: dropped-records-total.
   */
  dropped: {
    readonly task: string
    readonly reason: DropReason
    readonly records: number
    /** Since the task began. */
    readonly total: number
  }
  /**
   * How many entries a store has in memory, told with each commit. Kafka: num-keys, and estimate-num-keys of RocksDB.
   */
  store: { readonly task: string; readonly store: string; readonly entries: number }
  /**
   * How often updates were held back since the task began, and how often one was left out by that; told with each
   * commit. Kafka: hit-ratio.
   */
  cache: {
    readonly task: string
    readonly store: string
    readonly updates: number
    readonly hits: number
    /** `hits` by `updates`; 0 without any. */
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

/** Whom a member tells what it measures. */
export interface Meter {
  /** Whether anybody listens: else nothing is measured. */
  isWanted(name: MetricName): boolean
  publish<Name extends MetricName>(name: Name, message: StreamsMetrics[Name]): void
}
