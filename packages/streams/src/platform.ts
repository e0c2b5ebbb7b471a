import * as chosen from '#platform'
import type { Random } from '@kafkado/core'
import type { QueryServer, QueryServerOptions } from './app/queries/query-server.ts'
import type { Plan } from './plan/plan.ts'
import type { Member } from './member/member.ts'
import type { WorkerMemberParts } from './member/worker/worker-member.ts'
import type { OpenStateStorage } from './state/state-storage.ts'

/** Features of Node alone: folders, threads and servers. */
export interface Platform {
  /**
   * Opens the storages of an application's tasks, each in its own folder.
   *
   * @param onLoss learns when all or a part of a task's state must be rebuilt from its changelogs, and why
   * @throws InvalidRequestError in a browser
   */
  stateStorageIn(folder: string, random: Random, onLoss?: (task: string, why: string) => void): OpenStateStorage
  /** The plan of the last start; undefined when there was none. */
  readPlan(path: string): Promise<Plan | undefined>
  writePlan(path: string, plan: Plan): Promise<void>
  serveQueries(handle: (request: Request) => Promise<Response>, options: QueryServerOptions): Promise<QueryServer>
  /** A member in its own thread. @throws InvalidRequestError in a browser */
  workerMember(parts: WorkerMemberParts): Member
}

/** A separate object, so that a test can replace the disk. */
export const platform: Platform = { ...chosen }
