import {
  type AnyOperation,
  createPartitions,
  createTopics,
  deleteGroups,
  deleteRecords,
  deleteTopics,
  incrementalAlterConfigs,
  errorCodeOf,
  offsetCommit,
  offsetDelete,
} from '@kafkado/core'
import type { AuditEvent } from '../audit/audit-trail.ts'
import { ruleOf } from '../auth/authorization.ts'

const administrative: ReadonlySet<AnyOperation> = new Set([
  createTopics,
  deleteTopics,
  deleteRecords,
  createPartitions,
  incrementalAlterConfigs,
  deleteGroups,
  offsetDelete,
])

/** What a request is about, for the audit log. */
export function resourcesIn(operation: AnyOperation, request: unknown): string[] {
  return (ruleOf(operation)?.needs(request) ?? []).map(({ resource, name }) => `${resource}:${name}`)
}

/** Whether the request changes what others rely on. */
export function isAdministrative(operation: AnyOperation, request: unknown): boolean {
  if (administrative.has(operation)) return (request as { validateOnly?: boolean }).validateOnly !== true
  return isReset(operation, request)
}

/** Whether offsets are set by somebody outside the group: an administrator, or a consumer without a group. */
export function isReset(operation: AnyOperation, request: unknown): boolean {
  return operation.name === offsetCommit.name && (request as { memberId: string }).memberId === ''
}

/** What became of an act, by the errors of its elements. */
export function outcomeOf(response: unknown): Pick<AuditEvent, 'outcome' | 'code'> {
  const codes = [...errorCodesIn(response)]
  const failed = codes.filter((code) => code !== 0)
  if (failed.length === 0) return { outcome: 'done' }
  const [first = 0] = failed
  return { outcome: failed.length === codes.length ? 'failed' : 'partlyDone', code: errorCodeOf(first).name }
}

function* errorCodesIn(value: unknown): Generator<number> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  for (const [name, field] of Object.entries(value)) {
    if (name === 'errorCode') yield field as number
    else yield* errorCodesIn(field)
  }
}
