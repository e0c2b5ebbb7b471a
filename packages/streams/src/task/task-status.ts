import type { CacheCounts } from '../processors/record-cache.ts'
import type { RunningTask } from './running-task.ts'
import type { ErrorKind } from '../errors/streams-error.ts'
import type { DropReason } from '../processors/processor.ts'

/** How a task is. */
export interface TaskStatus {
  /** `subtopology_partition`, as Kafka Streams names its tasks. */
  readonly id: string
  readonly partition: number
  readonly state: 'restoring' | 'running'
  readonly streamTime: number
  /** How many records it has processed. */
  readonly processed: number
  /** How often `onError` had something left out or put aside, by the kind of the error. */
  readonly failed: Readonly<Partial<Record<ErrorKind, number>>>
  /** How many records had no effect, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
  /** The offset of the next record to process, by topic. */
  readonly positions: Readonly<Record<string, number>>
  /** How many updates of each store's rows were given to its cache, and how many of them are not told because of it. */
  readonly caches: Readonly<Record<string, CacheCounts>>
  /** How many entries each store holds in memory. */
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
