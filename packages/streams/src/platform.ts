import * as chosen from '#platform'
import type { Random } from '@kafkado/core'
import type { QueryServer, QueryServerOptions } from './app/queries/query-server.ts'
import type { Plan } from './plan/plan.ts'
import type { ThreadPool, ThreadPoolParts } from './member/worker/thread-pool.ts'
import type { OpenStateStorage } from './state/state-storage.ts'

/** What only Node has: folders and threads. */
export interface Platform {
  /** Opens the storages of an application's tasks, each in a folder of its own. @throws InvalidRequestError in a browser */
  stateStorageIn(folder: string, random: Random): OpenStateStorage
  /** The plan of the last start; undefined when there was none. */
  readPlan(path: string): Promise<Plan | undefined>
  writePlan(path: string, plan: Plan): Promise<void>
  serveQueries(handle: (request: Request) => Promise<Response>, options: QueryServerOptions): Promise<QueryServer>
  /** Runs tasks in threads. */
  startThreads(parts: ThreadPoolParts): Promise<ThreadPool>
}

export const platform: Platform = chosen
