import type * as z from 'zod/mini'

export type Predicate = (value: unknown) => boolean

/**
 * What is read of a schema. Whatever is not known here is left to the schema itself, so a predicate never says another
 * thing.
 */
interface Definition {
  readonly type: string
  readonly format?: string
  readonly pattern?: RegExp
  readonly checks?: readonly { readonly _zod: { readonly def: Bound } }[]
  readonly shape?: Readonly<Record<string, z.ZodMiniType>>
  readonly element?: z.ZodMiniType
  readonly innerType?: z.ZodMiniType
  readonly fn?: Predicate
}

interface Bound {
  readonly check: string
  readonly value?: unknown
  readonly inclusive?: boolean
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
}

/**
 * Whether a value has the form of a schema, as a function made once: it allocates nothing, copies nothing and stops at
 * the first fault, which is what an engine in the same process can afford for each produce and fetch. zod itself builds
 * a copy and a result.
 */
export function predicateOf(schema: z.ZodMiniType): Predicate {
  const definition = schema._zod.def as unknown as Definition
  switch (definition.type) {
    case 'object':
      return isObjectOf(definition.shape as Readonly<Record<string, z.ZodMiniType>>)
    case 'array':
      return isArrayOf(predicateOf(definition.element as z.ZodMiniType))
    case 'nullable':
      return orElse(null, predicateOf(definition.innerType as z.ZodMiniType))
    case 'optional':
      return orElse(undefined, predicateOf(definition.innerType as z.ZodMiniType))
    case 'string':
      return isString(definition) ?? bySchema(schema)
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'number':
      return isInteger(definition) ?? bySchema(schema)
    case 'enum':
    case 'literal':
      return isOneOf(schema._zod.values) ?? bySchema(schema)
    case 'custom':
      return (!definition.checks && definition.fn) || bySchema(schema)
    default:
      return bySchema(schema)
  }
}

function bySchema(schema: z.ZodMiniType): Predicate {
  return (value) => schema.safeParse(value).success
}

function isObjectOf(shape: Readonly<Record<string, z.ZodMiniType>>): Predicate {
  const names = Object.keys(shape)
  const fields = names.map((name) => predicateOf(shape[name] as z.ZodMiniType))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    for (let index = 0; index < names.length; index++) {
      const field = (value as Record<string, unknown>)[names[index] as string]
      if (!(fields[index] as Predicate)(field)) return false
    }
    return true
  }
}

function isArrayOf(isElement: Predicate): Predicate {
  return (value) => {
    if (!Array.isArray(value)) return false
    // By index, as a hole in an array is no element.
    for (let index = 0; index < value.length; index++) if (!isElement(value[index])) return false
    return true
  }
}

function orElse(exception: null | undefined, otherwise: Predicate): Predicate {
  return (value) => value === exception || otherwise(value)
}

function isString({ format, pattern, checks }: Definition): Predicate | undefined {
  if (checks) return undefined
  if (format === undefined) return (value) => typeof value === 'string'
  return format === 'guid' && pattern ? (value) => typeof value === 'string' && pattern.test(value) : undefined
}

function isInteger({ format, checks = [] }: Definition): Predicate | undefined {
  const range = ranges[format ?? '']
  if (!range) return undefined
  let [minimum, maximum] = range
  for (const { _zod } of checks) {
    const { check, value, inclusive } = _zod.def
    if (typeof value !== 'number' || !inclusive) return undefined
    if (check === 'greater_than') minimum = Math.max(minimum, value)
    else if (check === 'less_than') maximum = Math.min(maximum, value)
    else return undefined
  }
  return (value) => Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum
}

function isOneOf(values: ReadonlySet<unknown> | undefined): Predicate | undefined {
  return values && ((value) => values.has(value))
}
