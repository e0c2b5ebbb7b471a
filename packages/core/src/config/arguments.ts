import { InvalidRequestError } from '../errors/kafka-error.ts'
import { isDate, showValue } from './show-value.ts'

/** What a timestamp has to be, in words. */
export const timestampExpected = 'must be a valid Date or whole milliseconds since 1970, from 0 up'

/** Whether {@link requireTimestamp} takes the value. */
export function isTimestamp(value: unknown): value is Date | number {
  const milliseconds = isDate(value) ? value.getTime() : value
  return Number.isSafeInteger(milliseconds) && (milliseconds as number) >= 0
}

/**
 * The milliseconds of a timestamp. Nothing is converted: what `Number()` makes of null, `''` or a text that is no date
 * has emptied topics.
 *
 * @param what the argument or option, for the error
 * @throws InvalidRequestError
 */
export function requireTimestamp(value: unknown, what: string): number {
  if (isTimestamp(value)) return Number(value)
  throw refusedArgument(what, timestampExpected, value)
}

/**
 * @throws InvalidRequestError naming the argument or option when the value is no whole number in the range, exactly
 *   representable
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

/** What a whole number has to be, in words. */
export function integerExpected(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): string {
  return `must be a whole number from ${minimum} ${maximum === Number.MAX_SAFE_INTEGER ? 'up' : `to ${maximum}`}`
}

/** @throws InvalidRequestError naming the argument or option when the value is not a string, or an empty one */
export function requireText(value: unknown, what: string): string {
  if (typeof value === 'string' && value.length > 0) return value
  throw refusedArgument(what, 'must be a string that is not empty', value)
}

/** The error for an argument or option that is not what it has to be. */
export function refusedArgument(what: string, expectation: string, value: unknown): InvalidRequestError {
  return new InvalidRequestError(`${what} ${expectation}, got ${showValue(value)}`)
}
