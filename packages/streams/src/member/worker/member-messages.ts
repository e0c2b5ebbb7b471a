import type { Problem } from '@kafkado/core/internal'
import type { RestoreProgress } from '../../task/changelog/restoration.ts'
import type { StreamsSettings } from '../../streams-options.ts'
import type { TaskStatus } from '../../task/task-status.ts'
import type { QueryEntry, QueryRequest } from './thread-pool.ts'

/** An error on its way between threads. */
export type ThrownMessage = Omit<Problem, 'title' | 'status'> & { readonly stack?: string | undefined }

/** What a thread is started with: everything that can be copied of the settings. */
export interface ThreadData {
  readonly module: string
  readonly settings: Omit<StreamsSettings, 'runtime' | 'module'>
}

/** From a thread to the one that started it. */
export type FromThread =
  | {
      readonly type: 'send'
      readonly id: number
      readonly operation: string
      readonly request: unknown
      readonly timeoutMs: number | undefined
    }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'assigned' | 'tasks' | 'closed' }
  | { readonly type: 'restore'; readonly progress: RestoreProgress & { readonly task: string } }
  | { readonly type: 'failure'; readonly error: ThrownMessage }

/** To a thread. */
export type ToThread =
  | { readonly type: 'response'; readonly id: number; readonly response: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ThrownMessage }
  | { readonly type: 'status'; readonly id: number }
  | { readonly type: 'query'; readonly id: number; readonly request: QueryRequest }
  | { readonly type: 'close' }

export type StatusAnswer = readonly TaskStatus[]
export type QueryAnswerMessage = readonly QueryEntry[] | undefined
