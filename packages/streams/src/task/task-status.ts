import type { CacheCounts } from '../processors/record-cache.ts'
import type { RunningTask } from './running-task.ts'
import type { ErrorKind } from '../errors/streams-error.ts'
import type { DropReason } from '../processors/processor.ts'

/** The state of a task. */
export interface TaskStatus {
  /** `subtopology_partition`, as Kafka Streams names its tasks. */
  readonly id: string
  readonly partition: number
  readonly state: 'restoring' | 'running'
  readonly streamTime: number
  /** How many records it has processed. */
  readonly processed: number
  /** How many failures `onError` had skipped or put aside, by kind. */
  readonly failed: Readonly<Partial<Record<ErrorKind, number>>>
  /** How many records were dropped, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
  /** The offset of the next record to process, by topic. */
  readonly positions: Readonly<Record<string, number>>
  /**
   * How many updates of each store's rows went to its cache, and how many of these were replaced and so not forwarded.
   */
  readonly caches: Readonly<Record<string, CacheCounts>>
  /** The number of entries each store has in memory. */
  readonly stores: Readonly<Record<string, number>>
}

export function statusOf({ task, isReady }: RunningTask): TaskStatus {
  const { id, partition, streamTime, processed, failed } = task
  return {
    id,
    partition,
    state: isReady ? 'running' : 'restoring',
    streamTime,
    processed,
    failed: Object.fromEntries(failed),
    dropped: Object.fromEntries(task.dropped),
    positions: Object.fromEntries(task.positions),
    caches: task.caches.counts,
    stores: Object.fromEntries([...task.stores].map(([name, { size }]) => [name, size])),
  }
}
