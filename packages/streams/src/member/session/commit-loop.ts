import type { TopicPartition } from '@kafkado/consumer'
import type { PartitionReader } from '@kafkado/consumer/internal'
import type { Clock } from '@kafkado/core'
import { orAborted, partitionKey } from '@kafkado/core/internal'
import type { RecordCollector } from '../../task/output/record-collector.ts'
import type { Task } from '../../task/task.ts'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import type { CommitMetrics } from '../metrics/commit-metrics.ts'
import type { SlowOperators } from './slow-operators.ts'
import type { TaskSet } from './task-set.ts'

/** How far a partition is processed. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number
}

export interface CommitLoopParts {
  readonly reader: PartitionReader
  readonly tasks: TaskSet
  readonly collector: RecordCollector
  readonly slowOperators: SlowOperators
  readonly metrics: CommitMetrics
  readonly settings: Pick<StreamsSettings, 'commitIntervalMs' | 'stateFlushIntervalMs' | 'runtime'>
  /** Aborted when the session is given up: no commit waits any longer. */
  readonly over: AbortSignal
}

/**
 * Commits what the tasks have processed: with exactly once, outputs, changelogs and offsets together; otherwise in this
 * order.
 */
export class CommitLoop {
  readonly #parts: CommitLoopParts
  readonly #clock: Clock
  readonly #committed = new Map<string, CommittedOffset>()
  #flushedMs: number
  /** When the next commit is due, by the monotonic clock; Infinity while there is nothing to commit. */
  dueMs = Infinity

  constructor(parts: CommitLoopParts) {
    this.#parts = parts
    this.#clock = parts.settings.runtime.clock
    this.#flushedMs = this.#clock.monotonic()
  }

  onProcessed(): void {
    if (this.dueMs === Infinity) this.dueMs = this.#clock.monotonic() + this.#parts.settings.commitIntervalMs
  }

  async commitIfDue(): Promise<void> {
    if (this.#clock.monotonic() >= this.dueMs) await this.commit()
  }

  /**
   * Commits everything processed.
   *
   * @throws the error that prevents it, or the reason why the session was given up meanwhile
   */
  async commit(): Promise<void> {
    this.dueMs = Infinity
    const startMs = this.#clock.monotonic()
    const { reader, tasks, collector, slowOperators, settings, over } = this.#parts
    const ready = tasks.all.filter(({ isReady }) => isReady)
    await this.#settle(ready.map(({ task }) => task))
    for (const running of ready) running.throwIfStorageFailed()
    if (ready.some(({ task }) => task.hasChanges)) await orAborted(collector.begin(), over)
    for (const running of ready) running.logChanges()
    const offsets = this.#offsets()
    await orAborted(
      collector.commit(reader.transactionOf(offsets), () => reader.commit(offsets)),
      over,
    )
    for (const offset of offsets) this.#committed.set(partitionKey(offset), offset)
    for (const running of ready) running.onCommitted()
    slowOperators.onCommitted()
    const nowMs = this.#clock.monotonic()
    this.#parts.metrics.publish(
      ready.map(({ task }) => task),
      offsets.length,
      nowMs - startMs,
    )
    const isTime = nowMs - this.#flushedMs >= settings.stateFlushIntervalMs
    if (isTime) this.#flushedMs = nowMs
    await Promise.all(ready.filter(({ isFlushDue }) => isTime || isFlushDue).map((running) => running.flush()))
  }

  /**
   * Brings the tasks to rest: their caches forward what they hold back, and asynchronous operators finish. These may
   * pass results to one another.
   */
  async #settle(tasks: readonly Task[]): Promise<void> {
    const { collector, slowOperators, over } = this.#parts
    for (;;) {
      await slowOperators.drain(tasks, over)
      const holding = tasks.filter(({ caches }) => caches.hasUpdates)
      if (holding.length === 0) return
      await orAborted(collector.begin(), over)
      for (const { caches } of holding) caches.flush()
    }
  }

  /** A topic of that name may be a new one when it is read again, and is then read from its beginning. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#committed.delete(partitionKey(partition))
  }

  /** The offsets committed so far. */
  get committed(): Iterable<CommittedOffset> {
    return this.#committed.values()
  }

  #offsets(): CommittedOffset[] {
    const { reader, tasks } = this.#parts
    const offsets: CommittedOffset[] = []
    for (const { task, isReady } of tasks.all) {
      if (!isReady) continue
      const { partition } = task
      for (const { topic, size } of task.queues) {
        const processed = task.positions.get(topic)
        // Markers may follow the last record. They count as read.
        const offset =
          size === 0 && processed !== undefined ? (reader.position({ topic, partition }) ?? processed) : processed
        if (offset !== undefined && offset > (this.#committed.get(partitionKey({ topic, partition }))?.offset ?? -1))
          offsets.push({ topic, partition, offset: Math.max(offset, processed ?? 0) })
      }
    }
    return offsets
  }
}
