import { refusedArgument } from './arguments.ts'

/** A length of time: milliseconds as a number, or a number with its unit. */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h` | `${number}d`

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The words that errors use for a valid duration. */
export const durationExpected = "must be milliseconds from 0 up, or a string like '250ms', '30s', '5m', '1h' or '7d'"

/**
 * The milliseconds of a duration.
 *
 * @param option the option's name, for the error
 * @throws InvalidRequestError when the duration is negative, infinite, or has an unknown unit
 */
export function toMilliseconds(duration: Duration, option: string): number {
  const milliseconds = millisecondsOf(duration)
  if (isLength(milliseconds)) return milliseconds
  throw refusedArgument(option, durationExpected, duration)
}

/** Whether {@link toMilliseconds} accepts the value. */
export function isDuration(value: unknown): value is Duration {
  return isLength(millisecondsOf(value))
}

/** Sums of times beyond the safe integers would be rounded. */
function isLength(milliseconds: number): boolean {
  return milliseconds >= 0 && milliseconds <= Number.MAX_SAFE_INTEGER
}

function millisecondsOf(value: unknown): number {
  if (typeof value === 'number') return value
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null
  return match ? Number(match[1]) * (unitMs[match[2] as string] as number) : Number.NaN
}
