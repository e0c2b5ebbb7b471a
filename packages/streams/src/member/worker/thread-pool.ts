import type { RestoreProgress } from '../../task/changelog/restoration.ts'
import type { TaskStatus } from '../../task/task-status.ts'
import type { StreamsSettings } from '../../streams-options.ts'
import type { Transport } from '@kafkado/core'

/** Threads that run tasks, each a member of the group. */
export interface ThreadPool {
  /** Resolves when each has partitions, or has ended. */
  readonly assigned: Promise<void>
  tasks(): Promise<readonly TaskStatus[]>
  /** Asks the stores of the tasks; undefined where no thread has the partition. */
  query(request: QueryRequest): Promise<QueryAnswer | undefined>
  close(): Promise<void>
}

export interface ThreadPoolParts {
  readonly transport: Transport
  readonly settings: StreamsSettings
  readonly module: URL
  readonly events: {
    onTasks(): void
    onRestore(progress: RestoreProgress & { readonly task: string }): void
    onFailure(error: unknown): void
  }
}

/** What is asked of a store. */
export interface QueryRequest {
  readonly store: string
  /** The written key; undefined asks for everything. */
  readonly key: Uint8Array | undefined
  /** Of the task that has the key. */
  readonly partition?: number
  readonly from?: number
  readonly to?: number
}

export interface QueryAnswer {
  readonly entries: readonly QueryEntry[]
}

export interface QueryEntry {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly start?: number
  readonly end?: number
}
