import { seededRandom, systemRandom, UnauthorizedError } from '@kafkado/core'
import { decodeBase64Url, encodeBase64Url, ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { may } from '../../test/secured-server.ts'
import { createKey, createPepper, type StoredKey } from './api-key.ts'
import { type ApiKeys, apiKeys } from './key-ring.ts'
import { isAllowed, type Need, type Scope, scopeOperations } from './scopes.ts'
import { firstBeyond, withDenialsOf } from './subset.ts'
import { createToken, type TokenOptions } from './token.ts'

const pepper = createPepper()
const [minuteMs, dayMs] = [60_000, 86_400_000]
const scopes: Scope[] = [
  { ...may('write', 'orders.'), pattern: 'prefix' },
  may('read', 'orders'),
  { ...may('write', 'orders.secret'), effect: 'deny' },
]

/** A server, and another one with the same keys, each with its own clock. */
async function setUp(more: { expiresAt?: Date; keyScopes?: Scope[] } = {}) {
  const clock = new ManualClock()
  const runtime = { clock, random: systemRandom }
  const { expiresAt, keyScopes = scopes } = more
  const { key, secret } = await createKey({ pepper, scopes: keyScopes, ...(expiresAt && { expiresAt }) })
  const server = (keys: StoredKey[] = [key], itsClock = clock): ApiKeys =>
    apiKeys({ pepper, keys, runtime: { clock: itsClock, random: systemRandom } })
  const keys = server()
  const issue = async (options: TokenOptions = {}, by = secret): Promise<string> =>
    (await keys.issueToken?.(await keys.authenticate(by), options))?.token ?? ''
  return { clock, runtime, key, secret, keys, server, issue }
}

const refused = { kafkaName: 'SASL_AUTHENTICATION_FAILED' }

describe('a token', () => {
  it('stands for its key, with the scopes that it was issued with', async () => {
    const { key, keys, issue } = await setUp()
    const token = await issue({ scopes: [may('write', 'orders.a')] })
    expect(token).toMatch(/^kdt_[\w-]+\.[\w-]{43}$/)
    const { keyId, tokenId, scopes: given } = await keys.authenticate(token)
    expect({ keyId, given }).toEqual({ keyId: key.id, given: [may('write', 'orders.a'), scopes[2]] })
    expect(tokenId).toMatch(/^[0-9a-f]{16}$/)
  })

  it('may do all that its key may, unless told otherwise, and never what the key is denied', async () => {
    const { keys, issue } = await setUp()
    const { scopes: given = [] } = await keys.authenticate(await issue())
    const write = (name: string): Need => ({ operation: 'write', resource: 'topic', name })
    expect([isAllowed(given, write('orders.a')), isAllowed(given, write('orders.secret'))]).toEqual([true, false])
  })

  it.each<[string, Scope]>([
    ['another topic', may('write', 'payroll')],
    ['a shorter prefix', { ...may('write', 'orders'), pattern: 'prefix' }],
    ['another operation', may('delete', 'orders')],
    ['every operation', may('all', 'orders')],
    ['a group', may('read', 'orders', 'group')],
    ['every topic', may('read', '*')],
  ])('is not issued for %s than its key may', async (_, scope) => {
    const { issue } = await setUp()
    const attempt = issue({ scopes: [may('read', 'orders'), scope] })
    await expect(attempt).rejects.toThrow(UnauthorizedError)
    await expect(attempt).rejects.toMatchObject({ kafkaName: 'CLUSTER_AUTHORIZATION_FAILED' })
  })

  it('issues no further tokens', async () => {
    const { issue } = await setUp()
    await expect(issue({}, await issue())).rejects.toThrow('a token issues no further tokens')
  })

  it.each([
    ['0', 0],
    ['15 minutes and a millisecond', 15 * minuteMs + 1],
  ])('is not issued for %s', async (_, lifetime) => {
    const { issue } = await setUp()
    await expect(issue({ lifetime })).rejects.toThrow(/lifetime must be from 1 ms to 15 minutes/)
  })

  it('is not issued with scopes that do not fit a header', async () => {
    const { issue } = await setUp()
    const many = Array.from({ length: 150 }, (_, index) => may('write', `orders.${index}${'x'.repeat(100)}`))
    await expect(issue({ scopes: many })).rejects.toThrow(/the token has \d+ bytes, of at most 8192/)
  })

  it('ends with its key', async () => {
    const clock = new ManualClock()
    const { keys, issue, clock: own } = await setUp({ expiresAt: new Date(clock.now() + minuteMs) })
    const token = await issue({ lifetime: '15m' })
    own.advance(minuteMs - 1)
    await keys.authenticate(token)
    own.advance(1)
    await expect(keys.authenticate(token)).rejects.toMatchObject(refused)
  })

  it('ends when its key is revoked, or loses a scope', async () => {
    const { key, issue, server } = await setUp()
    const token = await issue()
    await server().authenticate(token)
    await expect(server([]).authenticate(token)).rejects.toThrow(/of the token was revoked/)
    const narrower = { ...key, scopes: scopes.slice(1) }
    await expect(server([narrower]).authenticate(token)).rejects.toThrow(/no scope for all of write:topic:orders\.\*/)
  })

  it('has what its key is denied from then on', async () => {
    const { key, issue, server } = await setUp()
    const token = await issue()
    const denial: Scope = { ...may('write', 'orders.new'), effect: 'deny' }
    const changed = server([{ ...key, scopes: [...scopes, denial] }])
    expect((await changed.authenticate(token)).scopes).toContainEqual(denial)
  })

  it('is made without a server too', async () => {
    const { key, keys, runtime } = await setUp()
    const made = await createToken({ pepper, key, runtime, lifetime: '1m' })
    expect((await keys.authenticate(made.token)).tokenId).toBe(made.tokenId)
    expect(Date.parse(made.expiresAt)).toBe(runtime.clock.now() + minuteMs)
  })
})

describe('a token is refused when', () => {
  const changed = (token: string, change: (claims: Record<string, unknown>) => object): string => {
    const [payload = '', signature] = token.slice(4).split('.')
    const claims = JSON.parse(new TextDecoder().decode(decodeBase64Url(payload))) as Record<string, unknown>
    return `kdt_${encodeBase64Url(new TextEncoder().encode(JSON.stringify(change(claims))))}.${signature}`
  }
  it.each<[string, (token: string) => string]>([
    ['its scopes were changed', (token) => changed(token, (claims) => ({ ...claims, scopes: [may('all', '*')] }))],
    ['its time was changed', (token) => changed(token, (claims) => ({ ...claims, expiresAtMs: 9e15 }))],
    ['a character of its signature was changed', (token) => token.replace(/.{3}$/, 'AAA')],
    ['it is cut off', (token) => token.slice(0, -1)],
    ['it has more behind it', (token) => `${token}a`],
    ['it has no signature', (token) => token.split('.')[0] ?? ''],
    ['it is empty', () => 'kdt_.'],
    ['it is very long', (token) => `kdt_${'a'.repeat(100_000)}.${token.slice(-43)}`],
  ])('%s', async (_, change) => {
    const { keys, issue } = await setUp()
    await expect(keys.authenticate(change(await issue()))).rejects.toMatchObject(refused)
  })

  it('it was signed with another pepper, or with the hash of a key', async () => {
    const { key, keys } = await setUp()
    const { token } = await createToken({ pepper: createPepper(), key })
    await expect(keys.authenticate(token)).rejects.toMatchObject(refused)
    const forged = `${token.split('.')[0]}.${key.hashes[0]}`
    await expect(keys.authenticate(forged)).rejects.toMatchObject(refused)
  })
})

describe('when the clock is set', () => {
  const jumps = [-dayMs, -20 * minuteMs, 20 * minuteMs, dayMs]

  it.each(jumps)('by %i ms, a token lives as long at its server as it was meant to', async (jump) => {
    const { clock, keys, issue } = await setUp()
    const token = await issue({ lifetime: '10m' })
    await keys.authenticate(token)
    clock.adjust(jump)
    clock.advance(10 * minuteMs - 1)
    await keys.authenticate(token)
    clock.advance(1)
    await expect(keys.authenticate(token)).rejects.toThrow(/has expired/)
  })

  it.each(jumps)('by %i ms, a token of before does not live longer at another server', async (jump) => {
    const { clock, issue, server } = await setUp()
    const token = await issue({ lifetime: '10m' })
    const other = server()
    await other.authenticate(token)
    clock.adjust(jump)
    const before = await other.authenticate(token).catch((error: unknown) => error)
    expect(before).toBeInstanceOf(UnauthorizedError)
    clock.advance(10 * minuteMs)
    await expect(other.authenticate(token)).rejects.toThrow(/has expired/)
  })

  it.each(jumps)('by %i ms, tokens of then are good for their time', async (jump) => {
    const { clock, keys, issue } = await setUp()
    clock.adjust(jump)
    const token = await issue({ lifetime: '10m' })
    await keys.authenticate(token)
    clock.advance(10 * minuteMs)
    await expect(keys.authenticate(token)).rejects.toThrow(/has expired/)
  })
})

it('whatever is issued, a token never allows what its key does not', () => {
  const random = seededRandom(7)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)] as T
  const names = ['', '*', 'a', 'ab', 'abc', 'b']
  const scope = (): Scope => ({
    ...(random.next() < 0.3 ? { effect: 'deny' as const } : {}),
    operation: pick(scopeOperations),
    resource: pick(['topic', 'group']),
    name: pick(names),
    pattern: pick(['literal', 'prefix']),
  })
  const some = (): Scope[] => Array.from({ length: 1 + Math.floor(random.next() * 4) }, scope)
  let issued = 0
  for (let run = 0; run < 20_000; run++) {
    const [key, asked] = [some(), some()]
    if (firstBeyond(asked, key)) continue
    issued++
    const given = withDenialsOf(asked, key)
    for (const operation of scopeOperations) {
      if (operation === 'all') continue
      for (const resource of ['topic', 'group'] as const)
        for (const name of ['a', 'ab', 'abc', 'b', '*', 'zz']) {
          const need: Need = { operation, resource, name }
          if (isAllowed(given, need)) expect(isAllowed(key, need), JSON.stringify({ key, asked, need })).toBe(true)
        }
    }
  }
  expect(issued).toBeGreaterThan(1000)
})
