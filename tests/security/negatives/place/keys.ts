import { ManualClock } from '@kafkado/core/internal'
import { type CreatedKey, createKey, createPepper, type Scope, scopeResources } from '@kafkado/server'

/** The keys of the negatives: an attacker's, a neighbour's, and keys that are no good. */

export const pepper: string = createPepper()
export const otherPepper: string = createPepper()
/** When a test begins. */
export const startMs: number = new ManualClock().now()

export const may = (
  operation: Scope['operation'],
  resource: Scope['resource'],
  name: string,
  pattern: Scope['pattern'] = 'literal',
): Scope => ({ operation, resource, name, pattern })

const all = (name: string): Scope[] => scopeResources.map((resource) => may('all', resource, name, 'prefix'))

/** The attacker's: everything whose name begins with `mine`, except the topic `mine-secret`. */
export const mine: CreatedKey = await createKey({
  pepper,
  scopes: [...all('mine'), { ...may('all', 'topic', 'mine-secret'), effect: 'deny' }],
})
/** The neighbour's, who has to be served whatever the attacker does. */
export const theirs: CreatedKey = await createKey({ pepper, scopes: all('their') })
/** Reads, and describes what it reads. */
export const reader: CreatedKey = await createKey({
  pepper,
  scopes: [may('read', 'topic', 'mine'), may('read', 'group', 'mine-group')],
})
/** Writes to topics that are there. */
export const writer: CreatedKey = await createKey({ pepper, scopes: [may('write', 'topic', 'mine', 'prefix')] })
/** May do everything, so that what the engine says is the answer. */
export const everything: CreatedKey = await createKey({ pepper, scopes: all('') })
/** Knows no name. */
export const bare: CreatedKey = await createKey({ pepper })
export const expired: CreatedKey = await createKey({ pepper, scopes: all(''), expiresAt: new Date(startMs - 1) })
/** The server does not have it. */
export const foreign: CreatedKey = await createKey({ pepper: otherPepper, scopes: all('') })
/** It had it once. */
export const revoked: CreatedKey = await createKey({ pepper, scopes: all('mine') })

export const storedKeys = [mine, theirs, reader, writer, everything, bare, expired].map(({ key }) => key)
