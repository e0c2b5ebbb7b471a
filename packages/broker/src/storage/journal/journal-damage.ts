import { StorageError } from '@kafkado/core'

/** The byte of a file that is not as it was written. */
export interface DamagedPlace {
  readonly folder: string
  readonly file: string
  readonly byte: number
}

/**
 * What a file holds is not what was written to it. Nothing is served then: what is left could be taken for all that
 * there was.
 */
export function damagedFile({ folder, file, byte }: DamagedPlace, what: string): StorageError {
  return new StorageError(
    `the file ${file} in ${folder} is damaged at byte ${byte}: ${what}. Nothing was changed; bring the folder back ` +
      'from a copy',
    { retriable: false, outcome: 'failed' },
  )
}

/** A file without which something of what was kept is gone. */
export function missingFile(folder: string, file: string, why: string): StorageError {
  return new StorageError(
    `the file ${file} in ${folder} is missing: ${why}. Nothing was changed; bring the folder back from a copy`,
    { retriable: false, outcome: 'failed' },
  )
}

/** Whether an error says that a disk did not give out what lies on it, or something else. */
export function isUnreadable(error: unknown): boolean {
  return StorageError.is(error) || (error as NodeJS.ErrnoException).errno !== undefined
}
