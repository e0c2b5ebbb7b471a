import { join } from 'node:path'
import type { Random } from '@kafkado/core'
import { LmdbStateStorage } from './state/lmdb-state-storage.node.ts'
import type { OpenStateStorage } from './state/state-storage.ts'

export { serveQueries } from './app/queries/query-server.node.ts'
export { readPlan, writePlan } from './plan/plan-file.node.ts'
export { startThreads } from './member/worker/worker-member.node.ts'

export function stateStorageIn(folder: string, random: Random): OpenStateStorage {
  return (task) => LmdbStateStorage.open(join(folder, task), random)
}
