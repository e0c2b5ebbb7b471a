import { json } from './serdes.ts'
import { readingText, type TextSerde } from './serde.ts'

/**
 * A validator by the Standard Schema specification, version 1: zod, valibot, arktype and others. The parts that we use
 * are copied here, as the specification allows; a package with only types would be one more to install.
 */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * JSON with validation when writing and when reading. Reading returns the validator's output. The validator must be
 * synchronous.
 */
export function schema<T>(validator: StandardSchema<T>): TextSerde<T> {
  const base = json<T>()
  const stringify: TextSerde<T>['stringify'] = (value, context) => {
    validate(validator, value)
    return base.stringify(value, context)
  }
  return {
    stringify,
    serialize: (value, context) => {
      validate(validator, value)
      return base.serialize(value, context)
    },
    deserialize: readingText((text) => validate(validator, JSON.parse(text))),
  }
}

/** @throws TypeError that names every issue with its path */
export function validate<T>(validator: StandardSchema<T>, value: unknown): T {
  const result = validator['~standard'].validate(value)
  if (result instanceof Promise)
    throw new TypeError('the schema validates asynchronously; kafkado needs one that answers at once')
  if (!result.issues) return result.value
  throw new TypeError(result.issues.map(describeIssue).join('; '))
}

export function isStandardSchema(value: unknown): value is StandardSchema<unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}

function describeIssue({ path, message }: StandardIssue): string {
  if (!path?.length) return message
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment))
  return `${keys.map(String).join('.')}: ${message}`
}
