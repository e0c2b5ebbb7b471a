import type { ThrownMessage } from '@kafkado/core/internal'
import type { MetricName, StreamsMetrics } from '../metrics/meter.ts'
import type { Plan } from '../../plan/plan.ts'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import type { RestoreProgress } from '../../task/changelog/restoration.ts'
import type { StoreEntry, StoreQuery } from '../../task/store-query.ts'
import type { TaskStatus } from '../../task/task-status.ts'

/** The settings for a worker, as far as they can be copied. */
export interface WorkerSettings {
  readonly module: string
  readonly settings: Omit<StreamsSettings, 'runtime' | 'module' | 'onUncaughtError'>
}

/** A message from a worker to the thread that started it. */
export type FromWorker =
  | {
      readonly type: 'send'
      readonly id: number
      readonly operation: string
      readonly request: unknown
      readonly timeoutMs: number | undefined
    }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'unanswered'; readonly id: number; readonly error: ThrownMessage }
  | { readonly type: 'started' | 'tasks' | 'closed' }
  | { readonly type: 'restore'; readonly progress: RestoreProgress & { readonly task: string } }
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'metric'; readonly name: MetricName; readonly message: StreamsMetrics[MetricName] }
  | { readonly type: 'error' | 'failure'; readonly error: ThrownMessage }

/** A message to a worker. */
export type ToWorker =
  | { readonly type: 'response'; readonly id: number; readonly response: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ThrownMessage }
  | { readonly type: 'status'; readonly id: number }
  | { readonly type: 'query'; readonly id: number; readonly query: StoreQuery }
  | { readonly type: 'pause'; readonly id: number; readonly isPaused: boolean }
  | { readonly type: 'wanted'; readonly names: readonly MetricName[] }
  | { readonly type: 'close' }

export type StatusAnswer = readonly TaskStatus[]
export type QueryAnswer = readonly StoreEntry[] | undefined
