import { StorageError } from '@kafkado/core'

/** Explains why a folder was not opened; an error that already says so is unchanged. */
export function notOpened(folder: string, error: unknown): StorageError {
  if (StorageError.is(error)) return error
  return new StorageError(`the folder ${folder} cannot be opened: ${String(error)}`, { cause: error, retriable: false })
}

export function notOpen(folder: string): StorageError {
  return new StorageError(`the folder ${folder} is not open`, { retriable: false })
}

export function notWritten(folder: string, cause: unknown): StorageError {
  return new StorageError(
    `the folder ${folder} could not be written: ${String(cause)}; no more is written until a restart`,
    { cause, retriable: false, outcome: 'unknown' },
  )
}
