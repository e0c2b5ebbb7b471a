interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly expected?: string
  readonly values?: readonly unknown[]
  readonly minimum?: unknown
  readonly maximum?: unknown
}

/** What is wrong with a value that a schema refused, in one line that names the fields. zod's mini build has no words of its own. */
export function describeIssues(issues: readonly unknown[]): string {
  const shown = (issues as readonly Issue[])
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join('.') || 'it'} ${expectation(issue)}`)
  return shown.join('; ') + (issues.length > 3 ? `; and ${issues.length - 3} more` : '')
}

function expectation({ code, expected, values, minimum, maximum, message }: Issue): string {
  if (code === 'invalid_type') return `must be of type ${expected}`
  if (code === 'invalid_value' && values) return `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`
  if (code === 'too_small') return `must be at least ${String(minimum)}${expected ? '' : ' (or that long)'}`
  if (code === 'too_big') return `must be at most ${String(maximum)} (or that long)`
  return `is not valid: ${message}`
}
