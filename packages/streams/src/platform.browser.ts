import { InvalidRequestError, type Random } from '@kafkado/core'
import type { QueryServer } from './app/queries/query-server.ts'
import type { Plan } from './plan/plan.ts'
import type { Member } from './member/member.ts'
import type { WorkerMemberParts } from './member/worker/worker-member.ts'
import type { OpenStateStorage } from './state/state-storage.ts'

/** A browser has no folders: state stays in memory and is restored from the changelogs. */
export function stateStorageIn(_folder: string, _random: Random): OpenStateStorage {
  throw needsNode('stateDirectory')
}

export function readPlan(_path: string): Promise<Plan | undefined> {
  return Promise.reject(needsNode('planFile'))
}

export function writePlan(_path: string, _plan: Plan): Promise<void> {
  return Promise.reject(needsNode('planFile'))
}

export function workerMember(_parts: WorkerMemberParts): Member {
  throw needsNode('workers')
}

export function serveQueries(): Promise<QueryServer> {
  return Promise.reject(needsNode('serveQueries'))
}

function needsNode(option: string): InvalidRequestError {
  return new InvalidRequestError(`streams: ${option} needs Node.js; leave it out here`)
}
