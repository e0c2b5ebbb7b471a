import { errorOfCode } from '../../errors/error-of-code.ts'

/** What is read is no record batch, or no longer the one that was written. */
export function corrupt(detail: string, cause?: unknown): Error {
  return errorOfCode('CORRUPT_MESSAGE', { detail }, { retriable: false, cause })
}
