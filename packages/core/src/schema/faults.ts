import { showValue } from '../config/show-value.ts'
import { predicateOf } from './predicate.ts'
import type { Schema } from './schema.ts'

interface Fault {
  /** The path to the value: names and list indexes, joined by dots; empty for the value itself. */
  readonly path: string
  readonly expectation: string
  readonly value: unknown
}

const mostFaults = 3

/**
 * The mismatches between a value and a schema, in one line that names the first few fields. The value comes from
 * outside and may have millions of mismatches, so the search stops after those few.
 */
export function describeFaults(schema: Schema, value: unknown): string {
  const faults: Fault[] = []
  findFaults(schema, value, '', faults)
  const lines = faults.slice(0, mostFaults).map((fault) => {
    return `${fault.path || 'it'} must be ${fault.expectation}, got ${showValue(fault.value)}`
  })
  return lines.join('; ') + (faults.length > mostFaults ? '; and more' : '')
}

/** @param found receives at most one more than are reported */
function findFaults(schema: Schema, value: unknown, path: string, found: Fault[]): void {
  if (found.length > mostFaults || predicateOf(schema)(value)) return
  const { form } = schema
  const inside = (inner: Schema, part: unknown, name: string | number): void =>
    findFaults(inner, part, path ? `${path}.${name}` : String(name), found)
  if (form.type === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const fields = value as Readonly<Record<string, unknown>>
    for (const [name, field] of Object.entries(form.shape)) inside(field, fields[name], name)
  } else if (form.type === 'array' && Array.isArray(value)) {
    for (let index = 0; index < value.length && found.length <= mostFaults; index++)
      inside(form.element, value[index], index)
  } else if (form.type === 'nullable' || form.type === 'optional') findFaults(form.inner, value, path, found)
  else found.push({ path, expectation: expectationOf(schema, value), value })
}

function expectationOf({ form }: Schema, value: unknown): string {
  switch (form.type) {
    case 'integer':
      if (!Number.isInteger(value)) return 'a whole number'
      return (value as number) < form.minimum ? `at least ${form.minimum}` : `at most ${form.maximum}`
    case 'choice':
      return form.values.map((choice) => JSON.stringify(choice)).join(' or ')
    case 'uuid':
      return typeof value === 'string' ? 'a UUID' : 'a string'
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list'
    case 'bytes':
      return 'a Uint8Array'
    default:
      return form.type === 'string' ? 'a string' : 'an object'
  }
}
