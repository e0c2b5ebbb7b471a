import { InvalidRequestError } from '../errors/kafka-error.ts'

/** A length of time: milliseconds as a number, or a number with its unit. */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h` | `${number}d`

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** What a duration has to be, in words. */
export const durationExpected = "must be milliseconds from 0 up, or a text like '250ms', '30s', '5m', '1h' or '7d'"

/**
 * The milliseconds of a duration.
 *
 * @param option the name under which the caller knows it, for the error
 * @throws InvalidRequestError when it is negative, not finite, or has no unit that we know
 */
export function toMilliseconds(duration: Duration, option: string): number {
  const milliseconds = typeof duration === 'number' ? duration : parse(duration)
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds
  throw new InvalidRequestError(`${option} ${durationExpected}, got ${JSON.stringify(duration)}`)
}

/** Whether {@link toMilliseconds} takes the value. */
export function isDuration(value: unknown): value is Duration {
  const milliseconds = typeof value === 'number' ? value : typeof value === 'string' ? parse(value) : Number.NaN
  return Number.isFinite(milliseconds) && milliseconds >= 0
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  return match ? Number(match[1]) * (unitMs[match[2] as string] as number) : Number.NaN
}
