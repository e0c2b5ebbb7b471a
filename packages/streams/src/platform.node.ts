import { join } from 'node:path'
import type { Random } from '@kafkado/core'
import { LmdbStateStorage } from './state/lmdb-state-storage.node.ts'
import type { OpenStateStorage } from './state/state-storage.ts'

export { serveQueries } from './queries/query-server.node.ts'
export { readPlan, writePlan } from './runtime/plan-file.node.ts'
export { startThreads } from './threads/thread-pool.node.ts'

export function stateStorageIn(folder: string, random: Random): OpenStateStorage {
  return (task) => LmdbStateStorage.open(join(folder, task), random)
}
