import { StorageError } from '@kafkado/core'

/** The error for stored data that have changed. */
export function damaged(what: string, cause?: unknown): StorageError {
  return new StorageError(`what the engine keeps cannot be read: ${what}. Bring the folder back from a copy`, {
    cause,
    retriable: false,
    outcome: 'failed',
  })
}
