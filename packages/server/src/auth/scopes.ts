import type { NeededOperation } from '@kafkado/core/protocol'
import { neededOperations, neededResources } from '@kafkado/core/internal'

/** What may be done to a resource: Kafka's own access control operations, and all of them. */
export const scopeOperations = ['all', ...neededOperations] as const
export type ScopeOperation = (typeof scopeOperations)[number]

export const scopeResources = neededResources
export type ScopeResource = (typeof scopeResources)[number]

/** One line of what an API key may do, or, with `effect: 'deny'`, may not. */
export interface Scope {
  /** Default `allow`. A scope that denies wins over every one that allows. */
  readonly effect?: 'allow' | 'deny' | undefined
  /**
   * `read`, `write`, `delete` and `alter` include `describe`, and `alterConfigs` includes `describeConfigs`, as in
   * Kafka. `all` is every one of them.
   */
  readonly operation: ScopeOperation
  readonly resource: ScopeResource
  /** The name, or how it begins; `*` with the pattern `literal` is any name. */
  readonly name: string
  readonly pattern: 'literal' | 'prefix'
}

/** What an operation is about to do to one resource. */
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
 * Whether the scopes allow it for at least one name, for what belongs to no resource of its own. What is allowed only
 * where it is denied as well counts for nothing.
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

/** Whether the scopes allow it for every name there is. */
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

function grants(scope: Scope, operation: ScopeOperation): boolean {
  return scope.operation === 'all' || scope.operation === operation || includes[scope.operation] === operation
}

function denies(scope: Scope, resource: ScopeResource, operation: ScopeOperation): boolean {
  return (
    scope.effect === 'deny' &&
    scope.resource === resource &&
    (scope.operation === 'all' || scope.operation === operation)
  )
}

/** Whether every name that one scope is about is also one of the other. */
function coversScope(scope: Scope, other: Scope): boolean {
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
