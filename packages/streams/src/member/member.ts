import type { Meter } from './metrics/meter.ts'
import type { Plan } from '../plan/plan.ts'
import type { RestoreProgress } from '../task/changelog/restoration.ts'
import type { StoreEntry, StoreQuery } from '../task/store-query.ts'
import type { TaskStatus } from '../task/task-status.ts'

/**
 * One member of an application's group, in this thread or another. It owns partitions and runs the tasks that read
 * them. Kafka: StreamThread.
 */
export interface Member {
  /**
   * Joins the group. Resolves with its first partitions, when it is surplus, or when it has ended.
   *
   * @throws the error that keeps it from joining, such as an unreadable global table
   */
  start(): Promise<void>
  /** The status of its tasks. */
  tasks(): Promise<readonly TaskStatus[]>
  /** Reads its stores; undefined if it has no task with that store and partition. */
  query(query: StoreQuery): Promise<readonly StoreEntry[] | undefined>
  /**
   * Resolves when processing has stopped, or may resume. A paused member stays in the group, commits what it has
   * processed, and restores tasks.
   */
  pause(isPaused: boolean): Promise<void>
  /** Commits the processed records, leaves the group and ends, within `closeTimeout`. Does not fail. */
  close(): Promise<void>
}

/** Learns what happens to a member. */
export interface MemberEvents {
  /** Counts and measures. */
  readonly meter: Meter
  /** Its tasks have changed or become ready. */
  onTasks(): void
  onRestore(progress: RestoreProgress & { readonly task: string }): void
  /** Internal topics were made that were missing at the start. */
  onPlan(plan: Plan): void
  /**
   * A fault that does not stop it, such as an error of a processor's `close()`; or it is closing anyway.
   */
  onError(error: unknown): void
  /** It has failed. */
  onFailure(error: unknown): void
}
