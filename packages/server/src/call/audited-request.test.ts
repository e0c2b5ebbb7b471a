import {
  createTopics,
  deleteTopics,
  incrementalAlterConfigs,
  metadata,
  offsetCommit,
  StorageError,
  systemRandom,
} from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { FakeTransport } from '../../test/fake-transport.ts'
import { asJson, may, metadataOf, post, send } from '../../test/secured-server.ts'
import type { AuditEntry } from '../audit/audit-entry.ts'
import { createKey, createPepper, type CreatedKey } from '../auth/api-key.ts'
import { apiKeys } from '../auth/key-ring.ts'
import type { CreatedToken } from '../auth/token.ts'
import { createHandler } from '../handler.ts'

const pepper = createPepper()
const admin = await createKey({ pepper, scopes: [may('all', '*'), may('all', '*', 'group')] })
const reader = await createKey({ pepper, scopes: [may('read', 'a')] })

function setUp() {
  const clock = new ManualClock()
  const runtime = { clock, random: systemRandom }
  const entries: AuditEntry[] = []
  const transport = new FakeTransport()
  const handler = createHandler(transport, {
    keys: apiKeys({ pepper, keys: [admin.key, reader.key], runtime }),
    audit: (entry) => entries.push(entry),
    limits: { maxBodyBytes: 2000, maxHeaderBytes: 1000 },
    runtime,
  })
  const ask = async (path: string, body: unknown, key: CreatedKey | null = admin, more: HeadersInit = {}) => {
    const headers = { ...asJson, ...(more as Record<string, string>) }
    return send(handler, post(path, body, { key, headers }))
  }
  return { clock, entries, transport, ask }
}

const deleted = (...topics: string[]) => ({ timeoutMs: 1, topics })
const results = (...codes: number[]) => ({
  throttleTimeMs: 0,
  topics: codes.map((errorCode, index) => ({ errorCode, errorMessage: null, topic: `t${index}`, topicId: null })),
})
const id = expect.stringMatching(/^[0-9a-f-]{36}$/) as string
const time = '1970-01-01T00:00:00.000Z'

describe('the audit log has', () => {
  it.each<[string, number[], Partial<AuditEntry>]>([
    ['done', [0, 0], { outcome: 'done' }],
    ['partly done', [0, 3], { outcome: 'partlyDone', code: 'UNKNOWN_TOPIC_OR_PARTITION' }],
    ['failed', [3, 3], { outcome: 'failed', code: 'UNKNOWN_TOPIC_OR_PARTITION' }],
  ])('an administrative act that was %s', async (_, codes, expected) => {
    const { entries, transport, ask } = setUp()
    transport.answer(deleteTopics, () => results(...codes))
    await ask('/v1/admin/delete-topics', deleted('t0', 't1'))
    expect(entries).toEqual([
      {
        time: expect.any(String) as string,
        requestId: id,
        keyId: admin.key.id,
        address: null,
        operation: 'deleteTopics',
        resources: ['topic:t0', 'topic:t1'],
        ...expected,
      },
    ])
    expect(Date.parse(entries[0]?.time ?? '')).toBeGreaterThanOrEqual(Date.parse(time))
  })

  it('an act whose outcome nobody knows', async () => {
    const { entries, transport, ask } = setUp()
    transport.answer(deleteTopics, () => Promise.reject(new StorageError('the disk is gone')))
    await ask('/v1/admin/delete-topics', deleted('t0'))
    expect(entries).toMatchObject([{ operation: 'deleteTopics', resources: ['topic:t0'], outcome: 'failed' }])
    expect(JSON.stringify(entries)).not.toContain('disk')
  })

  it('a token, and what is done with it, without the token itself', async () => {
    const { entries, transport, ask } = setUp()
    transport.answer(deleteTopics, () => results(0))
    const { token, tokenId } = (await (await ask('/v1/tokens', {})).json()) as CreatedToken
    await ask('/v1/admin/delete-topics', deleted('t0'), null, { authorization: `Bearer ${token}` })
    const { id: keyId } = admin.key
    expect(entries).toMatchObject([
      { keyId, operation: 'createToken', resources: [`key:${keyId}`], outcome: 'done' },
      { keyId, tokenId, operation: 'deleteTopics', outcome: 'done' },
    ])
    expect(JSON.stringify(entries)).not.toContain(token.slice(10, 50))
  })

  it('an offset reset, but no commit of a member, no question and no rehearsal', async () => {
    const { entries, transport, ask } = setUp()
    transport
      .answer(offsetCommit, () => ({ throttleTimeMs: 0, topics: [] }))
      .answer(createTopics, () => ({ throttleTimeMs: 0, topics: [] }))
      .answer(metadata, () => ({ throttleTimeMs: 0, clusterId: null, controllerId: 0, brokers: [], topics: [] }))
    const commit = { groupId: 'g', memberId: 'm', memberEpoch: 1, groupInstanceId: null, topics: [] }
    await ask('/v1/groups/offsets/commit', commit)
    const topics = [{ topic: 'x', numPartitions: 1, replicationFactor: 1, configs: [] }]
    await ask('/v1/admin/create-topics', { timeoutMs: 1, validateOnly: true, topics })
    await ask('/v1/metadata', metadataOf('a'))
    expect(entries).toEqual([])
    await ask('/v1/groups/offsets/commit', { ...commit, memberId: '', memberEpoch: -1 })
    await ask('/v1/admin/create-topics', { timeoutMs: 1, validateOnly: false, topics })
    expect(entries.map(({ operation, resources }) => [operation, ...resources])).toEqual([
      ['offsetCommit', 'group:g'],
      ['createTopics', 'topic:x'],
    ])
  })

  it('no value of a setting', async () => {
    const { entries, transport, ask } = setUp()
    transport.answer(incrementalAlterConfigs, () => ({ throttleTimeMs: 0, responses: [] }))
    const configs = [{ name: 'retention.ms', configOperation: 'set', value: '987654' }]
    const resources = [{ resourceType: 'topic', resourceName: 'a', configs }]
    await ask('/v1/admin/incremental-alter-configs', { validateOnly: false, resources })
    expect(entries).toMatchObject([{ operation: 'incrementalAlterConfigs', resources: ['topic:a'] }])
    expect(JSON.stringify(entries)).not.toContain('987654')
  })

  it.each<[string, Partial<AuditEntry>, (ask: ReturnType<typeof setUp>['ask']) => Promise<Response>]>([
    ['without a key', { keyId: null, operation: '/v1/metadata' }, (ask) => ask('/v1/metadata', metadataOf('a'), null)],
    [
      'with a wrong secret',
      { keyId: null, operation: '/v1/metadata' },
      (ask) => ask('/v1/metadata', {}, null, { authorization: `Bearer kdo_${admin.key.id}_${'s'.repeat(43)}` }),
    ],
    [
      'without a scope',
      { keyId: reader.key.id, operation: 'metadata', resources: ['topic:a', 'topic:b'] },
      (ask) => ask('/v1/metadata', metadataOf('a', 'b'), reader),
    ],
    [
      'for a token beyond its key',
      { keyId: reader.key.id, operation: 'createToken' },
      (ask) => ask('/v1/tokens', { scopes: [may('all', '*')] }, reader),
    ],
    [
      'with too long a body',
      { keyId: admin.key.id, operation: '/v1/metadata' },
      (ask) => ask('/v1/metadata', metadataOf('x'.repeat(3000))),
    ],
    [
      'with too long headers',
      { keyId: null, operation: '/v1/metadata' },
      (ask) => ask('/v1/metadata', {}, null, { a: 'x'.repeat(2000) }),
    ],
  ])('a request refused: %s', async (_, expected, attempt) => {
    const { entries, ask } = setUp()
    const response = await attempt(ask)
    expect(entries).toMatchObject([
      { ...expected, outcome: 'refused', requestId: response.headers.get('x-request-id') },
    ])
    expect(JSON.stringify(entries)).not.toContain('sss')
  })

  it('no key that stands where a path or a name should', async () => {
    const { entries, ask } = setUp()
    await ask(`/v1/${admin.secret}`, {}, null, { a: 'x'.repeat(2000) })
    await ask('/v1/metadata', metadataOf(admin.secret), reader)
    expect(entries).toMatchObject([{ operation: '/v1/(an API key)' }, { resources: ['topic:(an API key)'] }])
  })

  it('the first of many resources, cut to the length of a topic', async () => {
    const { entries, ask } = setUp()
    await ask(
      '/v1/metadata',
      metadataOf('x'.repeat(500), ...Array.from({ length: 20 }, (_, index) => `t${index}`)),
      reader,
    )
    expect(entries).toMatchObject([{ resourcesLeftOut: 11 }])
    expect(entries[0]?.resources).toHaveLength(10)
    expect(JSON.stringify(entries).length).toBeLessThan(1000)
  })
})

describe('refusals do not flood the audit log', () => {
  it('of one sender, who hides nobody, and the next entry tells how many are missing', async () => {
    const { clock, entries, transport, ask } = setUp()
    transport.answer(deleteTopics, () => results(0))
    for (let count = 0; count < 100; count++) await ask('/v1/metadata', metadataOf('b'), reader)
    expect(entries).toHaveLength(20)
    await ask('/v1/metadata', {}, null)
    expect(entries.at(-1)).toMatchObject({ keyId: null, suppressed: 80 })
    await ask('/v1/admin/delete-topics', deleted('t0'))
    expect(entries.at(-1)).not.toHaveProperty('suppressed')
    clock.advance(2000)
    for (let count = 0; count < 10; count++) await ask('/v1/metadata', metadataOf('b'), reader)
    expect(entries).toHaveLength(20 + 2 + 2)
  })

  it('while no act that was carried out is left out', async () => {
    const { entries, transport, ask } = setUp()
    transport.answer(deleteTopics, () => results(0))
    for (let count = 0; count < 300; count++) await ask('/v1/admin/delete-topics', deleted('t0'))
    expect(entries).toHaveLength(300)
    transport.answer(deleteTopics, () => results(3))
    for (let count = 0; count < 300; count++) await ask('/v1/admin/delete-topics', deleted('t0'))
    expect(entries).toHaveLength(320)
  })
})
