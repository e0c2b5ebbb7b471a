import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom, UnauthorizedError } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { LogEntry } from '../log.ts'
import { createKey, createPepper, rotateKey, type StoredKey } from './api-key.ts'
import { loadKeys } from './key-file.ts'

let folder: string
let path: string
const pepper = createPepper()
const clock = new ManualClock()
const runtime = { clock, random: systemRandom }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-keys-'))
  path = join(folder, 'keys.json')
})
afterEach(() => rm(folder, { recursive: true }))

const write = (keys: StoredKey[], more: object = { pepper }): Promise<void> =>
  writeFile(path, JSON.stringify({ version: 1, ...more, keys }))

it('takes the keys of the file', async () => {
  const { secret, key } = await createKey({ pepper })
  await write([key])
  expect(await (await loadKeys(path)).authenticate(secret)).toEqual({ keyId: key.id, scopes: [] })
})

it('takes the pepper from elsewhere', async () => {
  const { secret, key } = await createKey({ pepper })
  await write([key], {})
  await expect(loadKeys(path)).rejects.toThrow('has no pepper')
  expect((await (await loadKeys(path, { pepper })).authenticate(secret)).keyId).toBe(key.id)
})

it('follows changes within a second: a revoked key is refused, a new one taken', async () => {
  const [old, young] = await Promise.all([createKey({ pepper }), createKey({ pepper })])
  await write([old.key])
  const keys = await loadKeys(path, { runtime })
  await write([young.key])
  clock.advance(1001)
  const [refused, taken] = await Promise.allSettled([keys.authenticate(old.secret), keys.authenticate(young.secret)])
  expect([refused.status, taken.status]).toEqual(['rejected', 'fulfilled'])
})

const dayMs = 86_400_000

describe('although the clock of the machine is set a day', () => {
  it.each([
    ['back', -dayMs],
    ['forward', dayMs],
  ])('%s, a revoked key and its tokens are refused within a second', async (_, jump) => {
    const { secret, key } = await createKey({ pepper })
    await write([key])
    const keys = await loadKeys(path, { runtime })
    const token = (await keys.issueToken?.(await keys.authenticate(secret), {}))?.token ?? ''
    clock.adjust(jump)
    await write([])
    clock.advance(1001)
    await expect(keys.authenticate(secret)).rejects.toThrow(UnauthorizedError)
    await expect(keys.authenticate(token)).rejects.toThrow(/was revoked/)
  })

  it.each([
    ['back', -dayMs],
    ['forward', dayMs],
  ])('%s, the file is not read more often, and tokens outlive a change of it', async (_, jump) => {
    const { secret, key } = await createKey({ pepper })
    await write([key])
    const keys = await loadKeys(path, { runtime })
    const token = (await keys.issueToken?.(await keys.authenticate(secret), {}))?.token ?? ''
    clock.adjust(jump)
    await write([key, (await createKey({ pepper })).key])
    clock.advance(1001)
    expect((await keys.authenticate(token)).keyId).toBe(key.id)
    await rm(path)
    clock.advance(1000)
    expect((await keys.authenticate(secret)).keyId).toBe(key.id)
  })

  it('a key expires by the time of day, as its administrator means it', async () => {
    const { secret, key } = await createKey({ pepper, expiresAt: new Date(clock.now() + dayMs) })
    await write([key])
    const keys = await loadKeys(path, { runtime })
    clock.adjust(dayMs - 1)
    expect((await keys.authenticate(secret)).keyId).toBe(key.id)
    clock.adjust(1)
    await expect(keys.authenticate(secret)).rejects.toThrow(/expired at/)
    clock.adjust(-1)
    expect((await keys.authenticate(secret)).keyId).toBe(key.id)
  })
})

it('tells the audit log which keys came, went and changed, and nothing secret of them', async () => {
  const made = await Promise.all([1, 2, 3, 4].map(() => createKey({ pepper })))
  const [gone, rotated, altered, same] = made.map(({ key }) => key) as [StoredKey, StoredKey, StoredKey, StoredKey]
  const young = (await createKey({ pepper })).key
  await write([gone, rotated, altered, same])
  const entries: AuditEntry[] = []
  const keys = await loadKeys(path, { runtime, audit: (entry) => entries.push(entry) })
  expect(entries).toEqual([])
  await write([(await rotateKey(rotated, pepper)).key, { ...altered, name: 'other' }, same, young])
  clock.advance(1001)
  await keys.authenticate('kdo_x').catch(() => undefined)
  expect(entries.map(({ operation, resources, outcome }) => [operation, ...resources, outcome])).toEqual([
    ['revokeKey', `key:${gone.id}`, 'done'],
    ['rotateKey', `key:${rotated.id}`, 'done'],
    ['alterKey', `key:${altered.id}`, 'done'],
    ['createKey', `key:${young.id}`, 'done'],
  ])
  for (const hash of [pepper, ...gone.hashes, ...young.hashes]) expect(JSON.stringify(entries)).not.toContain(hash)
})

it('does not look at the file more than once a second', async () => {
  const { secret, key } = await createKey({ pepper })
  await write([key])
  const keys = await loadKeys(path, { runtime })
  await rm(path)
  clock.advance(1000)
  expect((await keys.authenticate(secret)).keyId).toBe(key.id)
})

it.each([
  ['is gone', () => rm(path), /cannot be read: there is no such file/],
  ['is half written', () => writeFile(path, '{"version":1,'), /is not JSON/],
  ['is of another form', () => writeFile(path, '{"version":1,"keys":{}}'), /keys must be a list$/],
])('keeps the keys it has when the changed file %s, and says so once', async (_, damage, message) => {
  const logged: LogEntry[] = []
  const { secret, key } = await createKey({ pepper })
  await write([key])
  const keys = await loadKeys(path, { runtime, log: (entry) => logged.push(entry) })
  await damage()
  clock.advance(1001)
  expect((await keys.authenticate(secret)).keyId).toBe(key.id)
  expect(logged).toMatchObject([{ level: 'error', error: { message: expect.stringMatching(message) as string } }])
  expect(JSON.stringify(logged)).not.toContain(secret)
})

it('does not begin with a file that cannot be used', async () => {
  await expect(loadKeys(path)).rejects.toThrow(/keys\.json cannot be read: there is no such file/)
  await writeFile(path, '[]')
  await expect(loadKeys(path)).rejects.toThrow(/API key configuration/)
})
