import { stateStorageIn as inFolder } from '#state-storage'
import type { Random } from '@kafkado/core'
import type { OpenStateStorage } from './state-storage.ts'

/** Opens the storages of tasks in a folder. @throws InvalidRequestError in a browser */
export const stateStorageIn: (folder: string, random: Random) => OpenStateStorage = inFolder
