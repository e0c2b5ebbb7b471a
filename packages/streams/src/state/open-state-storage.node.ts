import { join } from 'node:path'
import type { Random } from '@kafkado/core'
import { LmdbStateStorage } from './lmdb-state-storage.node.ts'
import type { OpenStateStorage } from './state-storage.ts'

/** Opens the storages of an application's tasks, each in a folder of its own. */
export function stateStorageIn(folder: string, random: Random): OpenStateStorage {
  return (task) => LmdbStateStorage.open(join(folder, task), random)
}
