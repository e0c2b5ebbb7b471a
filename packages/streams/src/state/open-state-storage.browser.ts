import { InvalidRequestError, type Random } from '@kafkado/core'
import type { OpenStateStorage } from './state-storage.ts'

/** A browser has no folders: state is kept in memory, and restored from the changelogs. */
export function stateStorageIn(_folder: string, _random: Random): OpenStateStorage {
  throw new InvalidRequestError(
    'stateDirectory needs Node.js; without it state is kept in memory and restored from its changelog',
  )
}
