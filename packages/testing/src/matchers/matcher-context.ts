import { InvalidRequestError } from '@kafkado/core'
import { isObject, showValue } from '@kafkado/core/internal'
import type { MockKafka } from '../mock-kafka.ts'

/** What vitest and jest give a matcher as `this`, as far as it is used. */
export interface MatcherContext {
  equals(left: unknown, right: unknown, customTesters?: never[]): boolean
  readonly customTesters?: readonly unknown[]
  readonly utils?: {
    stringify?(value: unknown): string
    readonly iterableEquality?: unknown
  }
}

/** What a matcher answers. vitest shows how `actual` and `expected` differ. */
export interface MatcherResult {
  readonly pass: boolean
  message(): string
  readonly actual?: unknown
  readonly expected?: unknown
}

/** What is expected on one line, in the words of the runner, which knows `expect.any(…)` and its like. */
export function showExpected({ utils }: MatcherContext, value: unknown): string {
  const text = utils?.stringify?.(value) ?? showValue(value)
  if (!text.includes('\n')) return text
  return text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/,? ([}\]])/g, '$1')
    .replaceAll(/([{[]) /g, '$1')
    .replaceAll(/\b(Object|Array) (?=[{[])/g, '')
}

/** @throws InvalidRequestError when the received value is no mock */
export function requireMock(matcher: string, received: unknown): MockKafka {
  if (isMock(received)) return received
  throw new InvalidRequestError(
    `${matcher}: expect(…) takes the mock, as createMockKafka() makes it, got ${showValue(received)}`,
  )
}

function isMock(received: unknown): received is MockKafka {
  return isObject(received) && typeof received['getMessages'] === 'function'
}
