import { InvalidRequestError } from '../errors/kafka-error.ts'
import { type ConfigField, isPlainObject } from './config-fields.ts'
import { showValue } from './show-value.ts'
import { unknownOption } from './unknown-option.ts'

/** The checks of a configuration, one for every option of `T`, so that none goes unchecked. */
export type ConfigFields<T> = { readonly [Option in keyof T]-?: ConfigField }

/**
 * Checks a configuration where it enters. It is our own code because zod's 6 kB would be a third of a page that
 * produces. An `undefined` counts as not given.
 *
 * @param what the configured thing, for the message: `producer`, `consumer`, …
 * @throws InvalidRequestError that names every unknown, missing or wrong option, with the expected value
 */
export function parseConfig<T extends object>(what: string, fields: ConfigFields<T>, config: unknown): T {
  if (!isPlainObject(config))
    throw new InvalidRequestError(`${what} configuration must be an object, got ${showValue(config)}`)
  const known = fields as Readonly<Record<string, ConfigField>>
  const unknown = Object.keys(config).filter((option) => !Object.hasOwn(known, option))
  const problems = unknown.map((option) => unknownOption(option, Object.keys(known)))
  for (const [option, { check, expectation, isRequired, names }] of Object.entries(known)) {
    const value = config[option]
    if (value === undefined ? isRequired : !check(value))
      problems.push(`${option} ${expectation}, got ${showValue(value)}`)
    else if (names && value)
      for (const one of Object.keys(value))
        if (!names.includes(one)) problems.push(`${option}: ${unknownOption(one, names)}`)
  }
  if (problems.length > 0) throw new InvalidRequestError(`${what} configuration: ${problems.join('; ')}`)
  return config as T
}
