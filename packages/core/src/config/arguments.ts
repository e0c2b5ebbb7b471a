import { InvalidRequestError } from '../errors/kafka-error.ts'
import { isDate, showValue } from './show-value.ts'

/** The words that errors use for a valid timestamp. */
export const timestampExpected = 'must be a valid Date or whole milliseconds since 1970, from 0 up'

/** Whether {@link requireTimestamp} accepts the value. */
export function isTimestamp(value: unknown): value is Date | number {
  const milliseconds = isDate(value) ? value.getTime() : value
  return Number.isSafeInteger(milliseconds) && (milliseconds as number) >= 0
}

/**
 * The milliseconds of a timestamp. It converts nothing: `Number()` of null, `''` or a string that is not a date has
 * emptied topics.
 *
 * @param what names the argument or option in the error
 * @throws InvalidRequestError
 */
export function requireTimestamp(value: unknown, what: string): number {
  if (isTimestamp(value)) return Number(value)
  throw refusedArgument(what, timestampExpected, value)
}

/**
 * @throws InvalidRequestError that names the argument or option, when the value is not a safe whole number in the range
 */
export function requireInteger(
  value: unknown,
  what: string,
  minimum: number,
  maximum: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum)
    return value as number
  throw refusedArgument(what, integerExpected(minimum, maximum), value)
}

/** The words that errors use for a valid whole number. */
export function integerExpected(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): string {
  return `must be a whole number from ${minimum} ${maximum === Number.MAX_SAFE_INTEGER ? 'up' : `to ${maximum}`}`
}

/** @throws InvalidRequestError that names the argument or option, when the value is not a string or is empty */
export function requireText(value: unknown, what: string): string {
  if (typeof value === 'string' && value.length > 0) return value
  throw refusedArgument(what, 'must be a string that is not empty', value)
}

/** The error for an argument or option with a wrong value. */
export function refusedArgument(what: string, expectation: string, value: unknown): InvalidRequestError {
  return new InvalidRequestError(`${what} ${expectation}, got ${showValue(value)}`)
}
