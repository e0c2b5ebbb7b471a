import type { PartitionReader } from '@kafkado/consumer/internal'
import type { DropReason } from '../../processors/processor.ts'
import type { Task } from '../../task/task.ts'
import type { Meter } from './meter.ts'

/** Reports facts about a member's tasks with each commit, on channels that have a subscriber. */
export class CommitMetrics {
  readonly #meter: Meter
  readonly #reader: Pick<PartitionReader, 'lag'>
  /** What was reported of each task. */
  readonly #dropped = new WeakMap<Task, Map<DropReason, number>>()

  constructor(meter: Meter, reader: Pick<PartitionReader, 'lag'>) {
    this.#meter = meter
    this.#reader = reader
  }

  publish(tasks: readonly Task[], partitions: number, durationMs: number): void {
    const meter = this.#meter
    if (meter.isWanted('committed')) meter.publish('committed', { tasks: tasks.length, partitions, durationMs })
    if (meter.isWanted('lag')) for (const task of tasks) this.#publishLag(task)
    if (meter.isWanted('dropped')) for (const task of tasks) this.#publishDropped(task)
    if (meter.isWanted('store'))
      for (const { id, stores } of tasks)
        for (const [store, { size }] of stores) meter.publish('store', { task: id, store, entries: size })
    if (meter.isWanted('cache'))
      for (const { id, caches } of tasks)
        for (const [store, { updates, hits }] of Object.entries(caches.counts))
          meter.publish('cache', { task: id, store, updates, hits, hitRatio: updates === 0 ? 0 : hits / updates })
  }

  #publishLag({ id, partition, queues }: Task): void {
    for (const { topic, size } of queues) {
      const behind = this.#reader.lag({ topic, partition })
      if (behind !== undefined) this.#meter.publish('lag', { task: id, topic, partition, records: behind + size })
    }
  }

  #publishDropped(task: Task): void {
    const told = this.#dropped.get(task) ?? new Map<DropReason, number>()
    this.#dropped.set(task, told)
    for (const [reason, total] of task.dropped) {
      const records = total - (told.get(reason) ?? 0)
      if (records > 0) this.#meter.publish('dropped', { task: task.id, reason, records, total })
      told.set(reason, total)
    }
  }
}
