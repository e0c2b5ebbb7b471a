import type { TopicPartition } from '@kafkado/consumer'
import type { PartitionReader } from '@kafkado/consumer/internal'
import type { Clock } from '@kafkado/core'
import type { RecordCollector } from './record-collector.ts'
import type { StreamsSettings } from './streams-options.ts'
import type { TaskSet } from './task-set.ts'

type Offset = TopicPartition & { readonly offset: number }

/** Commits what the tasks have processed: outputs, changelogs and offsets together, or in this order. */
export class CommitLoop {
  readonly clock: Clock
  readonly #reader: PartitionReader
  readonly #tasks: TaskSet
  readonly #collector: RecordCollector
  readonly #intervalMs: number
  readonly #flushIntervalMs: number
  readonly #partitionCounts: ReadonlyMap<string, number>
  readonly #committed = new Map<string, number>()
  #flushedMs: number
  /** When the next commit is due; Infinity while there is nothing to commit. */
  dueMs = Infinity

  constructor(
    reader: PartitionReader,
    tasks: TaskSet,
    collector: RecordCollector,
    { commitIntervalMs, stateFlushIntervalMs, runtime }: StreamsSettings,
    partitionCounts: ReadonlyMap<string, number>,
  ) {
    this.#reader = reader
    this.#tasks = tasks
    this.#collector = collector
    this.#intervalMs = commitIntervalMs
    this.#flushIntervalMs = stateFlushIntervalMs
    this.#partitionCounts = partitionCounts
    this.clock = runtime.clock
    this.#flushedMs = runtime.clock.now()
  }

  onProcessed(): void {
    if (this.dueMs === Infinity) this.dueMs = this.clock.now() + this.#intervalMs
  }

  async commitIfDue(): Promise<void> {
    if (this.clock.now() >= this.dueMs) await this.commit()
  }

  /** Commits everything that was processed. @throws what makes that impossible */
  async commit(): Promise<void> {
    this.dueMs = Infinity
    const ready = this.#tasks.all.filter(({ isReady }) => isReady)
    for (const { task } of ready) await task.asynchronous.drain()
    if (ready.some(({ task }) => task.hasChanges)) await this.#collector.begin()
    for (const running of ready) running.logChanges()
    const offsets = this.#offsets()
    await this.#collector.commit(this.#reader.transactionOf(offsets), () => this.#reader.commit(offsets))
    for (const { topic, partition, offset } of offsets) this.#committed.set(`${topic}/${partition}`, offset)
    for (const running of ready) running.onCommitted()
    const isTime = this.clock.now() - this.#flushedMs >= this.#flushIntervalMs
    if (isTime) this.#flushedMs = this.clock.now()
    await Promise.all(ready.filter(({ isFlushDue }) => isTime || isFlushDue).map((running) => running.flush()))
  }

  /** What was committed counts no more, as others own the partitions now. */
  forget(): void {
    this.#committed.clear()
    this.dueMs = Infinity
  }

  /** What has been committed of the partitions so far. */
  get committed(): ReadonlyMap<string, number> {
    return this.#committed
  }

  #offsets(): Offset[] {
    const offsets: Offset[] = []
    for (const { task, isReady } of this.#tasks.all) {
      if (!isReady) continue
      const { partition } = task
      for (const { topic, size } of task.queues) {
        if (partition >= (this.#partitionCounts.get(topic) ?? 0)) continue
        const processed = task.positions.get(topic)
        // Behind the last record there may be markers, which count as read.
        const offset =
          size === 0 && processed !== undefined ? (this.#reader.position({ topic, partition }) ?? processed) : processed
        if (offset !== undefined && offset > (this.#committed.get(`${topic}/${partition}`) ?? -1))
          offsets.push({ topic, partition, offset: Math.max(offset, processed ?? 0) })
      }
    }
    return offsets
  }
}
