interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly expected?: string
  readonly values?: readonly unknown[]
  readonly minimum?: unknown
  readonly maximum?: unknown
  /** The kind of the value with the minimum or maximum; a string or array has it for its length. */
  readonly origin?: string
}

const typeNames: Readonly<Record<string, string>> = { string: 'a string', array: 'a list', object: 'an object' }

/**
 * Puts zod's issues with API keys into one line that names the fields. Shows no value, because they hold secrets. zod's
 * mini build has no words of its own.
 */
export function describeIssues(issues: readonly unknown[]): string {
  const lines = (issues as readonly Issue[])
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join('.') || 'it'} ${expectation(issue)}`)
  return lines.join('; ') + (issues.length > 3 ? `; and ${issues.length - 3} more` : '')
}

function expectation({ code, expected, values, minimum, maximum, origin, message }: Issue): string {
  if (code === 'invalid_type') return `must be ${typeNames[expected ?? ''] ?? `of type ${expected}`}`
  if (code === 'invalid_value' && values) return `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`
  const measure = origin === 'array' ? 'elements' : 'characters'
  if (code === 'too_small') return `must be at least ${String(minimum)} ${measure} long`
  if (code === 'too_big') return `must be at most ${String(maximum)} ${measure} long`
  return `is not valid: ${message}`
}
