import { errorOfCode } from '../../errors/error-of-code.ts'

/** The error for bytes that are not a record batch, or that have changed since they were written. */
export function corrupt(detail: string, cause?: unknown): Error {
  return errorOfCode('CORRUPT_MESSAGE', { detail }, { retriable: false, cause })
}
