import { InvalidRequestError } from '@kafkado/core'
import type { Scope } from '@kafkado/server'
import { scopeOperations, scopeResources } from '@kafkado/server/internal'

const form = 'OPERATION:RESOURCE:NAME, such as read:topic:orders, write:topic:orders.* or all:group:*'

/**
 * Reads scopes from the command line. A name that ends with a star is a prefix; a star alone is any name.
 *
 * @throws InvalidRequestError naming the part that is wrong
 */
export function scopesOf(option: string, texts: readonly string[], effect: 'allow' | 'deny'): Scope[] {
  return texts.map((text) => {
    const [, operation = '', resource = '', name = ''] = /^([^:]*):([^:]*):(.+)$/.exec(text) ?? []
    if (name === '') throw new InvalidRequestError(`${option} must be ${form}, got '${text}'`)
    const isPrefix = name.length > 1 && name.endsWith('*')
    return {
      ...(effect === 'deny' ? { effect } : {}),
      operation: oneOf(option, 'operation', scopeOperations, operation),
      resource: oneOf(option, 'resource', scopeResources, resource),
      name: isPrefix ? name.slice(0, -1) : name,
      pattern: isPrefix ? 'prefix' : 'literal',
    }
  })
}

/** The form in which scopes are given. */
export function textOfScope({ effect, operation, resource, name, pattern }: Scope): string {
  const text = `${operation}:${resource}:${name}${pattern === 'prefix' ? '*' : ''}`
  return effect === 'deny' ? `not ${text}` : text
}

function oneOf<T extends string>(option: string, what: string, known: readonly T[], given: string): T {
  const found = known.find((one) => one.toLowerCase() === given.toLowerCase())
  if (found) return found
  throw new InvalidRequestError(`${option}: there is no ${what} '${given}'; there are ${known.join(', ')}`)
}
