import type { Meter } from './metrics/meter.ts'
import type { Plan } from '../plan/plan.ts'
import type { RestoreProgress } from '../task/changelog/restoration.ts'
import type { StoreEntry, StoreQuery } from '../task/store-query.ts'
import type { TaskStatus } from '../task/task-status.ts'

/**
 * One member of an application's group, wherever it runs: it owns partitions, and runs the tasks that read them. Kafka:
 * StreamThread.
 */
export interface Member {
  /**
   * Joins the group. Resolves when it has its first partitions, when it is one too many, or when it has ended.
   *
   * @throws what keeps it from joining, such as a global table that cannot be read
   */
  start(): Promise<void>
  /** How the tasks are that it runs. */
  tasks(): Promise<readonly TaskStatus[]>
  /** What its stores hold; undefined where it has no task with that store and partition. */
  query(query: StoreQuery): Promise<readonly StoreEntry[] | undefined>
  /**
   * Resolves when it processes no records any more, until it is to go on. It stays in the group, commits what it has
   * processed, and restores tasks.
   */
  pause(isPaused: boolean): Promise<void>
  /** Commits what was processed, leaves the group and ends, within `closeTimeout`. Does not fail. */
  close(): Promise<void>
}

/** Whom a member tells what happens to it. */
export interface MemberEvents {
  /** What is measured. */
  readonly meter: Meter
  /** Its tasks have changed, or become ready. */
  onTasks(): void
  onRestore(progress: RestoreProgress & { readonly task: string }): void
  /** There are internal topics now that were not there at the start. */
  onPlan(plan: Plan): void
  /**
   * Something has gone wrong that keeps it from nothing, such as the `close()` of a processor; or it is closing anyway.
   */
  onError(error: unknown): void
  /** It cannot go on. */
  onFailure(error: unknown): void
}
