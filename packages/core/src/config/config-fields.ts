import * as z from 'zod/mini'
import { type Runtime } from '../runtime/runtime.ts'
import { type Duration, isDuration } from './duration.ts'

/** Fields that the configurations of many layers share. */
export const durationField = (): z.ZodMiniType<Duration> =>
  z.custom<Duration>(isDuration, { error: "must be milliseconds from 0 up, or a text like '250ms', '30s', '5m', '1h' or '7d'" })

export const integerField = (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): z.ZodMiniType<number> =>
  z.custom<number>((value) => Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum, {
    error: maximum === Number.MAX_SAFE_INTEGER ? `must be a whole number from ${minimum} up` : `must be a whole number from ${minimum} to ${maximum}`,
  })

export const choiceField = <const Choice extends string>(...choices: Choice[]): z.ZodMiniType<Choice> =>
  z.custom<Choice>((value) => choices.includes(value as Choice), {
    error: `must be ${choices.map((choice) => `'${choice}'`).join(', ').replace(/, ([^,]*)$/, ' or $1')}`,
  })

export const booleanField = (): z.ZodMiniType<boolean> => z.custom<boolean>((value) => typeof value === 'boolean', { error: 'must be true or false' })

export const textField = (): z.ZodMiniType<string> =>
  z.custom<string>((value) => typeof value === 'string' && value.length > 0, { error: 'must be a text that is not empty' })

export const functionField = <F>(): z.ZodMiniType<F> => z.custom<F>((value) => typeof value === 'function', { error: 'must be a function' })

export const runtimeField = (): z.ZodMiniType<Runtime> =>
  z.custom<Runtime>((value) => typeof value === 'object' && value !== null && 'clock' in value && 'random' in value, {
    error: 'must have a clock and a random source',
  })
