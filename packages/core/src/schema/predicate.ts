import type { Form, Schema, Shape } from './schema.ts'

export type Predicate = (value: unknown) => boolean

/** Without flags, as JSON Schema does not support them. */
export const uuidPattern = /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$/

const predicates = new WeakMap<Schema, Predicate>()

/**
 * Makes a function that checks whether a value matches a schema. It allocates nothing, copies nothing and stops at the
 * first mismatch, so an engine in the same process can afford it for each produce and fetch.
 */
export function predicateOf(schema: Schema): Predicate {
  let predicate = predicates.get(schema)
  if (!predicate) predicates.set(schema, (predicate = makePredicate(schema)))
  return predicate
}

function makePredicate({ form }: Schema): Predicate {
  switch (form.type) {
    case 'object':
      return isObjectOf(form.shape)
    case 'array':
      return isArrayOf(predicateOf(form.element))
    case 'nullable':
      return orElse(null, predicateOf(form.inner))
    case 'optional':
      return orElse(undefined, predicateOf(form.inner))
    case 'integer':
      return isIntegerWithin(form)
    case 'choice':
      return isOneOf(form.values)
    case 'string':
      return (value) => typeof value === 'string'
    case 'uuid':
      return (value) => typeof value === 'string' && uuidPattern.test(value)
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'bytes':
      return (value) => value instanceof Uint8Array
  }
}

function isObjectOf(shape: Shape): Predicate {
  const names = Object.keys(shape)
  const fields = names.map((name) => predicateOf(shape[name] as Schema))
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
    // By index, so that holes in the array are checked too.
    for (let index = 0; index < value.length; index++) if (!isElement(value[index])) return false
    return true
  }
}

function orElse(exception: null | undefined, otherwise: Predicate): Predicate {
  return (value) => value === exception || otherwise(value)
}

function isIntegerWithin({ minimum, maximum }: Extract<Form, { type: 'integer' }>): Predicate {
  return (value) => Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
}

function isOneOf(values: readonly unknown[]): Predicate {
  return (value) => values.includes(value)
}
