import { integerExpected } from './arguments.ts'
import { durationExpected, isDuration } from './duration.ts'

/** One option of a configuration: a check of its value, and the expectation in words. */
export interface ConfigField {
  readonly check: (value: unknown) => boolean
  readonly expectation: string
  /** Whether the option is required. */
  readonly isRequired?: boolean
  /** The options within it, where it is an object of such. */
  readonly names?: readonly string[]
}

export const field = (check: (value: unknown) => boolean, expectation: string): ConfigField => ({ check, expectation })

/** What is checked where it is used. */
export const anyField = (): ConfigField => field(() => true, '')

export const required = (optional: ConfigField): ConfigField => ({ ...optional, isRequired: true })

export const durationField = (): ConfigField => field(isDuration, durationExpected)

export const integerField = (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): ConfigField =>
  field(
    (value) => Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
    integerExpected(minimum, maximum),
  )

export const choiceField = (...choices: string[]): ConfigField =>
  field(
    (value) => choices.includes(value as string),
    `must be ${choices
      .map((choice) => `'${choice}'`)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1')}`,
  )

export const booleanField = (): ConfigField => field((value) => typeof value === 'boolean', 'must be true or false')

export const textField = (): ConfigField =>
  field((value) => typeof value === 'string' && value.length > 0, 'must be a string that is not empty')

/** A number in a range, including its bounds. */
export const numberField = (minimum: number, maximum: number): ConfigField =>
  field(
    (value) => typeof value === 'number' && value >= minimum && value <= maximum,
    `must be a number from ${minimum} to ${maximum}`,
  )

/** Any object with methods of these names. */
export const objectWith = (...methods: string[]): ConfigField =>
  field(
    (value) => isObject(value) && methods.every((method) => typeof value[method] === 'function'),
    `must be an object with ${methods.join(' and ')}`,
  )

/** Options within an option. */
export const optionsField = (names: readonly string[]): ConfigField => ({
  ...field(isPlainObject, 'must be an object'),
  names,
})

export const functionField = (): ConfigField => field((value) => typeof value === 'function', 'must be a function')

export const runtimeField = (): ConfigField =>
  field(
    (value) => isObject(value) && isClock(value['clock']) && isObject(value['random']),
    'must have a clock with now, monotonic and schedule, and a random source',
  )

const isClock = (value: unknown): boolean =>
  isObject(value) && ['now', 'monotonic', 'schedule'].every((name) => typeof value[name] === 'function')

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Whether the value can hold options. An array, a Date or a Map has none, and all would silently count as left out. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return isObject(value) && Object.prototype.toString.call(value) === '[object Object]'
}
