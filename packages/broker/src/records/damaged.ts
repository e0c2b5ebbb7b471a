import { StorageError } from '@kafkado/core'

/** What says that something which was kept is not as it was. */
export function damaged(what: string, cause?: unknown): StorageError {
  return new StorageError(`what the engine keeps cannot be read: ${what}. Bring the folder back from a copy`, {
    cause,
    retriable: false,
    outcome: 'failed',
  })
}
