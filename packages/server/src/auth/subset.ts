import { coversScope, grants, type Scope } from './scopes.ts'

/** What a key may issue to a token: scopes of its own, or parts of them. Its denials go along, so none is needed. */

/** The first scope that is more than what the others allow; undefined if there is none. */
export function firstBeyond(scopes: readonly Scope[], allowed: readonly Scope[]): Scope | undefined {
  return scopes.find(
    (scope) =>
      scope.effect !== 'deny' &&
      !allowed.some(
        (wider) =>
          wider.effect !== 'deny' &&
          wider.resource === scope.resource &&
          grants(wider, scope.operation) &&
          coversScope(wider, scope),
      ),
  )
}

/** The scopes, without everything that the other scopes deny. */
export function withDenialsOf(scopes: readonly Scope[], others: readonly Scope[]): readonly Scope[] {
  const denials = others.filter(({ effect }) => effect === 'deny')
  return denials.length === 0 ? scopes : [...scopes, ...denials]
}

export function describeScope({ effect, operation, resource, name, pattern }: Scope): string {
  const denied = effect === 'deny' ? 'not ' : ''
  return `${denied}${operation}:${resource}:${name}${pattern === 'prefix' ? '*' : ''}`
}
