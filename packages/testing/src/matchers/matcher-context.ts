import { InvalidRequestError } from '@kafkado/core'
import { isObject, showValue } from '@kafkado/core/internal'
import type { MockKafka } from '../mock-kafka.ts'

/** The parts of a matcher's `this` in vitest and jest that we use. */
export interface MatcherContext {
  equals(left: unknown, right: unknown, customTesters?: never[]): boolean
  readonly customTesters?: readonly unknown[]
  readonly utils?: {
    stringify?(value: unknown): string
    readonly iterableEquality?: unknown
  }
}

/** The result of a matcher. vitest shows the difference between `actual` and `expected`. */
export interface MatcherResult {
  readonly pass: boolean
  message(): string
  readonly actual?: unknown
  readonly expected?: unknown
}

/** The expected value on one line, printed by the runner, which knows `expect.any(…)` and similar. */
export function showExpected({ utils }: MatcherContext, value: unknown): string {
  const text = utils?.stringify?.(value) ?? showValue(value)
  if (!text.includes('\n')) return text
  return text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/,? ([}\]])/g, '$1')
    .replaceAll(/([{[]) /g, '$1')
    .replaceAll(/\b(Object|Array) (?=[{[])/g, '')
}

/** @throws InvalidRequestError when the received value is not a mock */
export function requireMock(matcher: string, received: unknown): MockKafka {
  if (isMock(received)) return received
  throw new InvalidRequestError(
    `${matcher}: expect(…) takes the mock, as createMockKafka() makes it, got ${showValue(received)}`,
  )
}

function isMock(received: unknown): received is MockKafka {
  return isObject(received) && typeof received['getMessages'] === 'function'
}
