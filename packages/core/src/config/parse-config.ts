import type * as z from 'zod/mini'
import { InvalidRequestError } from '../errors/kafka-error.ts'

interface Issue {
  code?: string | undefined
  path: PropertyKey[]
  message: string
  keys?: string[]
  expected?: string
  input?: unknown
}

/**
 * Checks a configuration where it enters.
 *
 * @param what the one it configures, for the message: `producer`, `consumer`, …
 * @throws InvalidRequestError that names every option which is unknown or has a wrong value, and what is expected
 */
export function parseConfig<T>(what: string, schema: z.ZodMiniType<T>, config: unknown): T {
  const result = schema.safeParse(config)
  if (result.success) return result.data
  const issues = (result.error.issues as Issue[]).map((issue) => describe(issue, config))
  throw new InvalidRequestError(`${what} configuration: ${issues.join('; ')}`)
}

function describe(issue: Issue, config: unknown): string {
  if (issue.code === 'unrecognized_keys') return `there is no option ${issue.keys?.map((key) => `'${key}'`).join(', ')}`
  const path = issue.path.map(String).join('.')
  const given = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], config)
  const expectation = issue.code === 'invalid_type' ? `must be ${issue.expected}` : issue.message
  return `${path || 'it'} ${expectation}, got ${show(given)}`
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  return typeof value === 'string' || typeof value === 'object' ? (JSON.stringify(value) ?? String(value)).slice(0, 80) : String(value)
}
