import type { NeededOperation } from '@kafkado/core/protocol'
import { neededOperations, neededResources } from '@kafkado/core/internal'

/** Kafka's access control operations, and `all` of them together. */
export const scopeOperations = ['all', ...neededOperations] as const
export type ScopeOperation = (typeof scopeOperations)[number]

export const scopeResources = neededResources
export type ScopeResource = (typeof scopeResources)[number]

/** One line of what an API key may do, or, with `effect: 'deny'`, may not do. */
export interface Scope {
  /** Default `allow`. A denying scope wins over every allowing one. Use `deny` for exceptions from a wide scope. */
  readonly effect?: 'allow' | 'deny' | undefined
  /**
   * `read`, `write`, `delete` and `alter` include `describe`, and `alterConfigs` includes `describeConfigs`, as in
   * Kafka. `all` includes every operation.
   */
  readonly operation: ScopeOperation
  readonly resource: ScopeResource
  /** The name, or its beginning with the pattern `prefix`; `*` with the pattern `literal` is any name. */
  readonly name: string
  readonly pattern: 'literal' | 'prefix'
}

/** What an operation wants to do to one resource. */
export interface Need {
  readonly operation: NeededOperation
  readonly resource: ScopeResource
  readonly name: string
}

const includes: Partial<Record<ScopeOperation, ScopeOperation>> = {
  read: 'describe',
  write: 'describe',
  delete: 'describe',
  alter: 'describe',
  alterConfigs: 'describeConfigs',
}

/** Whether the scopes allow it: no scope denies it, and one allows it. */
export function isAllowed(scopes: readonly Scope[], need: Need): boolean {
  let allowed = false
  for (const scope of scopes) {
    if (scope.resource !== need.resource || !covers(scope, need.name)) continue
    if (scope.effect === 'deny') {
      if (scope.operation === 'all' || scope.operation === need.operation) return false
    } else if (grants(scope, need.operation)) allowed = true
  }
  return allowed
}

/**
 * Whether the scopes allow it for at least one name. For operations on no resource in particular. A name that is denied
 * as well does not count.
 */
export function isAllowedSomewhere(
  scopes: readonly Scope[],
  resource: ScopeResource,
  operation: Need['operation'],
): boolean {
  return scopes.some(
    (scope) =>
      scope.effect !== 'deny' &&
      scope.resource === resource &&
      grants(scope, operation) &&
      !scopes.some((other) => denies(other, resource, operation) && coversScope(other, scope)),
  )
}

/** Whether the scopes allow it for every possible name. */
export function isAllowedEverywhere(
  scopes: readonly Scope[],
  resource: ScopeResource,
  operation: Need['operation'],
): boolean {
  return (
    !scopes.some((scope) => denies(scope, resource, operation)) &&
    scopes.some(
      (scope) => scope.effect !== 'deny' && scope.resource === resource && grants(scope, operation) && coversAll(scope),
    )
  )
}

export function grants(scope: Scope, operation: ScopeOperation): boolean {
  return scope.operation === 'all' || scope.operation === operation || includes[scope.operation] === operation
}

function denies(scope: Scope, resource: ScopeResource, operation: ScopeOperation): boolean {
  return (
    scope.effect === 'deny' &&
    scope.resource === resource &&
    (scope.operation === 'all' || scope.operation === operation)
  )
}

/** Whether one scope covers every name of the other. */
export function coversScope(scope: Scope, other: Scope): boolean {
  if (coversAll(scope)) return true
  if (coversAll(other)) return false
  return other.pattern === 'literal' || scope.pattern === 'prefix' ? covers(scope, other.name) : false
}

function covers(scope: Scope, name: string): boolean {
  return scope.pattern === 'prefix' ? name.startsWith(scope.name) : scope.name === name || scope.name === '*'
}

function coversAll({ pattern, name }: Scope): boolean {
  return name === (pattern === 'prefix' ? '' : '*')
}
