import { showValue } from '../../config/show-value.ts'

interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly expected?: string
  readonly format?: string
  readonly values?: readonly unknown[]
  readonly minimum?: unknown
  readonly maximum?: unknown
  /** What has the minimum or maximum: a string or array by its length. */
  readonly origin?: string
}

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/**
 * What is wrong with a value that a schema refused, in one line that names the fields. zod's mini build has no words of
 * its own.
 *
 * @param shown what the issues are of; left out where it holds secrets
 */
export function describeIssues(issues: readonly unknown[], shown?: { readonly value: unknown }): string {
  const lines = (issues as readonly Issue[]).slice(0, 3).map((issue) => {
    const got = shown ? `, got ${showValue(at(shown.value, issue.path))}` : ''
    return `${issue.path.map(String).join('.') || 'it'} ${expectation(issue)}${got}`
  })
  return lines.join('; ') + (issues.length > 3 ? `; and ${issues.length - 3} more` : '')
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner, key) => (inner as Record<PropertyKey, unknown>)[key], value)
}

function expectation({ code, expected, format, values, minimum, maximum, origin, message }: Issue): string {
  if (code === 'invalid_type') return `must be ${typeNames[expected ?? ''] ?? `of type ${expected}`}`
  if (code === 'invalid_value' && values) return `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`
  if (code === 'invalid_format' && format === 'guid') return 'must be a UUID'
  const measure = origin === 'string' ? ' characters long' : origin === 'array' ? ' elements long' : ''
  if (code === 'too_small') return `must be at least ${String(minimum)}${measure}`
  if (code === 'too_big') return `must be at most ${String(maximum)}${measure}`
  return `is not valid: ${message}`
}
