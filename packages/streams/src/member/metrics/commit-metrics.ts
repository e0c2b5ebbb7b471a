import type { PartitionReader } from '@kafkado/consumer/internal'
import type { Task } from '../../task/task.ts'
import { DroppedReports } from './dropped-reports.ts'
import type { Meter } from './meter.ts'

/** Reports facts about a member's tasks with each commit, on channels that have a subscriber. */
export class CommitMetrics {
  readonly #meter: Meter
  readonly #reader: Pick<PartitionReader, 'lag'>
  readonly #dropped: DroppedReports

  constructor(meter: Meter, reader: Pick<PartitionReader, 'lag'>) {
    this.#meter = meter
    this.#reader = reader
    this.#dropped = new DroppedReports(meter)
  }

  publish(tasks: readonly Task[], partitions: number, durationMs: number): void {
    const meter = this.#meter
    if (meter.isWanted('committed')) meter.publish('committed', { tasks: tasks.length, partitions, durationMs })
    if (meter.isWanted('lag')) for (const task of tasks) this.#publishLag(task)
    for (const { id, dropped } of tasks) this.#dropped.publish(id, dropped)
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
}
