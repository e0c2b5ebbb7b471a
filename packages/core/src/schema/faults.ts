import { showValue } from '../config/show-value.ts'
import { predicateOf } from './predicate.ts'
import type { Schema } from './schema.ts'

interface Fault {
  /** Names and numbers of list elements with dots between them; empty for the value itself. */
  readonly path: string
  readonly expectation: string
  readonly value: unknown
}

const mostFaults = 3

/** What is wrong with a value that has another form than a schema, in one line that names the fields. */
export function describeFaults(schema: Schema, value: unknown): string {
  const faults = faultsOf(schema, value, '')
  const lines = faults.slice(0, mostFaults).map((fault) => {
    return `${fault.path || 'it'} must be ${fault.expectation}, got ${showValue(fault.value)}`
  })
  return lines.join('; ') + (faults.length > mostFaults ? `; and ${faults.length - mostFaults} more` : '')
}

function faultsOf(schema: Schema, value: unknown, path: string): Fault[] {
  const { form } = schema
  const at = (name: string): string => (path ? `${path}.${name}` : name)
  if (form.type === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const fields = value as Readonly<Record<string, unknown>>
    return Object.entries(form.shape).flatMap(([name, field]) => faultsOf(field, fields[name], at(name)))
  }
  if (form.type === 'array' && Array.isArray(value))
    return Array.from(value, (element, index) => faultsOf(form.element, element, at(String(index)))).flat()
  if (predicateOf(schema)(value)) return []
  if (form.type === 'nullable' || form.type === 'optional') return faultsOf(form.inner, value, path)
  return [{ path, expectation: expectationOf(schema, value), value }]
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
