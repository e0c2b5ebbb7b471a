import { StorageError } from '@kafkado/core'

/** The byte of a file that has changed since it was written. */
export interface DamagedPlace {
  readonly folder: string
  readonly file: string
  readonly byte: number
}

/**
 * The content of a file has changed since it was written. Nothing is served then: the rest could pass for everything.
 */
export function damagedFile({ folder, file, byte }: DamagedPlace, what: string): StorageError {
  return new StorageError(
    `the file ${file} in ${folder} is damaged at byte ${byte}: ${what}. Nothing was changed; ` +
      'bring the folder back from a copy',
    { retriable: false, outcome: 'failed' },
  )
}

/** A missing file with data that are lost without it. */
export function missingFile(folder: string, file: string, why: string): StorageError {
  return new StorageError(
    `the file ${file} in ${folder} is missing: ${why}. Nothing was changed; bring the folder back from a copy`,
    { retriable: false, outcome: 'failed' },
  )
}

/** Whether an error says that a disk cannot read its content, or returned something else. */
export function isUnreadable(error: unknown): boolean {
  return StorageError.is(error) || (error as NodeJS.ErrnoException).errno !== undefined
}
