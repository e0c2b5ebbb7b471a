import * as chosen from '#platform'
import type { Random } from '@kafkado/core'
import type { QueryServer, QueryServerOptions } from './app/queries/query-server.ts'
import type { Plan } from './plan/plan.ts'
import type { Member } from './member/member.ts'
import type { WorkerMemberParts } from './member/worker/worker-member.ts'
import type { OpenStateStorage } from './state/state-storage.ts'

/** What only Node has: folders, threads and servers. */
export interface Platform {
  /**
   * Opens the storages of an application's tasks, each in a folder of its own.
   *
   * @param onLoss is told when the state of a task, or a part of it, has to be made anew from its changelogs, and why
   * @throws InvalidRequestError in a browser
   */
  stateStorageIn(folder: string, random: Random, onLoss?: (task: string, why: string) => void): OpenStateStorage
  /** The plan of the last start; undefined when there was none. */
  readPlan(path: string): Promise<Plan | undefined>
  writePlan(path: string, plan: Plan): Promise<void>
  serveQueries(handle: (request: Request) => Promise<Response>, options: QueryServerOptions): Promise<QueryServer>
  /** A member in a thread of its own. @throws InvalidRequestError in a browser */
  workerMember(parts: WorkerMemberParts): Member
}

/** An object of its own, so that a test can put another disk in its place. */
export const platform: Platform = { ...chosen }
