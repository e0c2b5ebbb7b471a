import { systemRandom, UnauthorizedError } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { createKey, createPepper, parseKeyStore, rotateKey, type StoredKey } from './api-key.ts'
import { apiKeys } from './key-ring.ts'
import type { Scope } from './scopes.ts'

const pepper = createPepper()
const scopes: Scope[] = [{ operation: 'read', resource: 'topic', name: '*', pattern: 'literal' }]

describe('an API key', () => {
  it('has a secret of 32 bytes that only its maker sees, and is taken', async () => {
    const { secret, key } = await createKey({ pepper, scopes, name: 'billing' })
    expect(secret).toMatch(new RegExp(`^kdo_${key.id}_[A-Za-z0-9_-]{43}$`))
    expect(JSON.stringify(key)).not.toContain(secret.slice(-43))
    expect(key).toMatchObject({ name: 'billing', scopes })
    expect(await apiKeys({ pepper, keys: [key] }).authenticate(secret)).toEqual({ keyId: key.id, scopes })
  })

  it('is never the same twice', async () => {
    const made = await Promise.all([createKey({ pepper }), createKey({ pepper })])
    expect(new Set(made.flatMap(({ secret, key }) => [secret, key.id])).size).toBe(4)
  })

  it('may do nothing unless scopes are given', async () => {
    expect((await createKey({ pepper })).key.scopes).toEqual([])
  })

  it('expires at its time, to the millisecond', async () => {
    const clock = new ManualClock()
    const { secret, key } = await createKey({ pepper, expiresAt: new Date(clock.now() + 1000) })
    const keys = apiKeys({ pepper, keys: [key], runtime: { clock, random: systemRandom } })
    clock.advance(999)
    expect((await keys.authenticate(secret)).keyId).toBe(key.id)
    clock.advance(1)
    await expect(keys.authenticate(secret)).rejects.toThrow(UnauthorizedError)
  })

  it('has two live secrets while it is rotated, and the oldest goes', async () => {
    const first = await createKey({ pepper, scopes })
    const second = await rotateKey(first.key, pepper)
    const third = await rotateKey(second.key, pepper)
    expect(second.key).toMatchObject({ id: first.key.id, scopes })
    const during = apiKeys({ pepper, keys: [second.key] })
    expect((await during.authenticate(first.secret)).keyId).toBe(first.key.id)
    expect((await during.authenticate(second.secret)).keyId).toBe(first.key.id)
    const after = apiKeys({ pepper, keys: [third.key] })
    expect((await after.authenticate(second.secret)).keyId).toBe(first.key.id)
    await expect(after.authenticate(first.secret)).rejects.toMatchObject({ kafkaName: 'SASL_AUTHENTICATION_FAILED' })
  })
})

describe('keys are refused with', () => {
  const key: StoredKey = { id: 'abcd', hashes: ['a'.repeat(43)], scopes }
  const scope = scopes[0] as Scope

  it.each<[string, unknown, RegExp]>([
    ['another version', { version: 2, keys: [] }, /version must be 1/],
    ['a field that is unknown', { version: 1, keys: [{ ...key, secret: 'x' }] }, /keys\.0/],
    ['an id that could be something else', { version: 1, keys: [{ ...key, id: 'a_b' }] }, /keys\.0\.id/],
    ['an id twice', { version: 1, keys: [key, key] }, /two keys with the id 'abcd'/],
    ['no hash', { version: 1, keys: [{ ...key, hashes: [] }] }, /keys\.0\.hashes/],
    [
      'three hashes',
      { version: 1, keys: [{ ...key, hashes: [...key.hashes, ...key.hashes, ...key.hashes] }] },
      /keys\.0\.hashes/,
    ],
    ['a hash that is too short', { version: 1, keys: [{ ...key, hashes: ['abc'] }] }, /keys\.0\.hashes\.0/],
    ['a time that is none', { version: 1, keys: [{ ...key, expiresAt: 'soon' }] }, /keys\.0\.expiresAt/],
    [
      'an operation that Kafka does not have',
      { version: 1, keys: [{ ...key, scopes: [{ ...scope, operation: 'own' }] }] },
      /scopes\.0\.operation must be "all"/,
    ],
    [
      'a resource that is unknown',
      { version: 1, keys: [{ ...key, scopes: [{ ...scope, resource: 'cluster' }] }] },
      /scopes\.0\.resource/,
    ],
    [
      'an effect misspelt, which must not read as allow',
      { version: 1, keys: [{ ...key, scopes: [{ ...scope, effect: 'Deny' }] }] },
      /scopes\.0\.effect/,
    ],
  ])('%s', (_, store, message) => {
    expect(() => parseKeyStore(store)).toThrow(message)
  })

  it.each(['', 'short', 'no base64!'.repeat(5)])('the pepper %j', (bad) => {
    expect(() => apiKeys({ pepper: bad, keys: [key] })).toThrow(/pepper must be base64url of at least 32/)
  })
})
