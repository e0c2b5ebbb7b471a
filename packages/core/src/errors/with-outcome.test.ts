import { isNativeError } from 'node:util/types'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../runtime/manual-clock.ts'
import { seededRandom } from '../runtime/random.ts'
import { withRetry } from '../retry/with-retry.ts'
import { codeOf } from './error-codes.ts'
import { KafkaError, type Outcome, QuotaExceededError, TimeoutError, TopicNotFoundError } from './kafka-error.ts'
import { errorOfAttempts, withOutcome } from './with-outcome.ts'

const marker = Symbol.for('kafkado.KafkaError')

/** A class of a user, of which no copy can be made from outside. */
class Limited extends QuotaExceededError {
  readonly #secret = 42
  #isSeen = true
  readonly places = 3
  constructor(outcome: Outcome) {
    super('too fast', { outcome, retryAfterMs: 250, cause: new Error('the first') })
  }
  get doubled(): number {
    return this.#secret * 2
  }
  secret(): number {
    return this.#secret
  }
  get seen(): string {
    return this.#isSeen ? 'yes' : 'no'
  }
  set seen(value: string) {
    this.#isSeen = value === 'yes'
  }
}

class Named extends Limited {
  override name = 'Named'
}
class NamedLater extends Limited {
  constructor(outcome: Outcome) {
    super(outcome)
    this.name = 'NamedLater'
  }
}
class WithFieldsOfErrors extends Limited {
  override message = 'in a field'
  override cause = new Error('in a field')
}
class Computed extends Limited {
  constructor(outcome: Outcome) {
    super(outcome)
    Object.defineProperty(this, 'outcome', { get: () => outcome, enumerable: true })
  }
}

/** As another copy of the package makes its errors. */
const marked = (error: Error, outcome: Outcome): KafkaError => {
  const [code, kafkaName] = ['QUOTA_EXCEEDED', 'THROTTLING_QUOTA_EXCEEDED'] as const
  const fields = { code, kafkaName, kafkaCode: codeOf(kafkaName), retriable: true }
  for (const [field, value] of Object.entries({ ...fields, outcome, retryAfterMs: 5 }))
    Object.defineProperty(error, field, { value, enumerable: true, writable: true, configurable: true })
  return Object.defineProperty(error, marker, { value: fields.code }) as KafkaError
}

const made: Readonly<Record<string, (outcome: Outcome) => KafkaError>> = {
  'with private fields': (outcome) => new Limited(outcome),
  'with a name in a field': (outcome) => new Named(outcome),
  'with a name that its constructor gives': (outcome) => new NamedLater(outcome),
  'with its message and cause in fields': (outcome) => new WithFieldsOfErrors(outcome),
  'whose outcome is computed': (outcome) => new Computed(outcome),
  frozen: (outcome) => Object.freeze(new Limited(outcome)),
  sealed: (outcome) => Object.seal(new Limited(outcome)),
  'of another copy': (outcome) => marked(new Error('too fast'), outcome),
  'of another copy, an AggregateError': (outcome) =>
    marked(new AggregateError([new Error('one')], 'too fast'), outcome),
  'of another copy, a DOMException': (outcome) => marked(new DOMException('too fast', 'AbortError'), outcome),
}

const directions = [
  { from: 'unknown', to: 'failed', remark: '' },
  { from: 'failed', to: 'unknown', remark: '' },
  { from: 'failed', to: 'unknown', remark: ' (in part)' },
  { from: 'unknown', to: 'unknown', remark: ' (in part)' },
  { from: 'unknown', to: 'unknown', remark: '' },
] as const

const howOf = ({ from, to, remark }: (typeof directions)[number]): string =>
  `from ${from} to ${to}${remark === '' ? '' : ' with a remark'}`

const cases = Object.entries(made).flatMap(([what, make]) =>
  directions.map((direction) => ({ what, make, ...direction, how: howOf(direction) })),
)

/** What an error says, also in fields that are not listed. */
function allOf(error: KafkaError): Record<string, unknown> {
  const { name, message, stack, cause } = error
  return { ...Object.fromEntries(Object.entries(error)), name, message, stack, cause }
}

describe('another outcome of an error', () => {
  it.each(cases)('$what, $how, is that error or comes from it', ({ make, from, to, remark }) => {
    const error = make(from)
    const before = allOf(error)
    const told = withOutcome(error, to, remark)
    expect(KafkaError.is(told)).toBe(true)
    expect([told.outcome, told.message, told.retriable]).toEqual([to, before.message + remark, true])
    const { code, kafkaName, kafkaCode, retryAfterMs } = error
    expect(told).toMatchObject({ code, kafkaName, kafkaCode, retryAfterMs })

    const isItself = told === error
    if (!isItself) expect([told.cause, told.constructor]).toEqual([error, QuotaExceededError])
    // Who else was told the error is not told that nothing was written, where something may have been.
    const { outcome } = error
    expect(outcome).toBe(isItself ? to : from)
    if (to === 'failed') expect(isItself).toBe(false)
    expect(allOf(error)).toEqual({ ...before, outcome })
  })

  it.each(cases)('$what, $how, is an error like any other', ({ make, from, to, remark }) => {
    const error = make(from)
    const told = withOutcome(error, to, remark)
    const isOwn = told !== error
    expect(isNativeError(told)).toBe(isOwn || isNativeError(error))
    if (isOwn) expect(structuredClone(told)).toMatchObject({ message: error.message + remark })
    expect(inspect(told)).toContain(error.message + remark)
    expect(inspect(told)).toContain(error.stack?.split('\n').at(-1)?.trim() ?? 'a stack')
  })

  it.each([
    ['unknown', 'failed'],
    ['failed', 'unknown'],
  ] as const)('of a class with private fields, from %s to %s, leaves them to be read', (from, to) => {
    for (const make of [made['with private fields'], made['frozen'], made['sealed'], made['with a name in a field']]) {
      const told = withOutcome((make as (outcome: Outcome) => KafkaError)(from), to)
      const theirs = (told instanceof Limited ? told : told.cause) as Limited
      expect(theirs).toBeInstanceOf(Limited)
      expect([theirs.secret(), theirs.doubled, theirs.seen, theirs.places]).toEqual([42, 84, 'yes', 3])
    }
  })

  it('that may have been carried out is told by the error of the user itself', () => {
    const error = new Limited('failed')
    expect(errorOfAttempts(error, true)).toBe(error)
    expect(error.outcome).toBe('unknown')
    expect(errorOfAttempts(error, true)).toBe(error)
  })

  it('of ours is a copy, so that others who were told it hear nothing of this', () => {
    const error = new TimeoutError('late', { cause: new AggregateError([new Error('one')]) })
    error.name = 'Renamed'
    for (const remark of ['', ' (in part)']) {
      const told = withOutcome(error, 'failed', remark)
      expect(told).not.toBe(error)
      expect([told.name, told.message, told.cause]).toEqual(['Renamed', `late${remark}`, error.cause])
      expect(told.stack?.split('\n').slice(1)).toEqual(error.stack?.split('\n').slice(1))
      expect(inspect(told)).toContain(`Renamed: late${remark}`)
      expect([error.outcome, error.message]).toEqual(['unknown', 'late'])
    }
  })

  it.each([new Error('x'), new AggregateError([], 'x'), new DOMException('x', 'AbortError'), 'x', undefined, null])(
    'is nothing that %s has',
    (error) => expect(errorOfAttempts(error, true)).toBe(error),
  )

  it('is told by the error of the last attempt, of the class that threw it', async () => {
    const errors: unknown[] = [new TimeoutError('late'), new Limited('failed')]
    const runtime = { clock: new ManualClock(), random: seededRandom(1) }
    const trying = withRetry(() => Promise.reject(errors.shift() as Error), { attempts: 2, runtime })().catch(
      (error: unknown) => error,
    )
    await runtime.clock.advanceAsync('1m')
    const told = await trying
    expect(told).toBeInstanceOf(Limited)
    expect([(told as Limited).outcome, (told as Limited).secret()]).toEqual(['unknown', 42])
  })

  it('comes with a stack below the whole message, also where that has lines of a stack', () => {
    const error = new TimeoutError('late: Error: why\n    at somewhere\nlast')
    const { stack = '' } = withOutcome(error, 'failed', ' (in part)')
    expect(stack.startsWith(`TimeoutError: ${error.message} (in part)\n    at `)).toBe(true)
    expect(stack).not.toContain('\nlast\n')
  })

  it('that is the same is not made anew', () => {
    const error = new TopicNotFoundError('gone')
    expect(withOutcome(error, 'failed')).toBe(error)
  })
})
