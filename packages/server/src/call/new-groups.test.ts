import { codeOf, describeGroups, offsetCommit } from '@kafkado/core'
import { ManualClock, type Problem } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { FakeTransport } from '../../test/fake-transport.ts'
import { asJson, may } from '../../test/secured-server.ts'
import type { ApiKeys } from '../auth/key-ring.ts'
import { createHandler } from '../handler.ts'

const random = { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' }
const scopes = [may('all', '*'), may('all', '*', 'group')]
const keys: ApiKeys = { authenticate: (keyId) => Promise.resolve({ keyId, scopes }) }
const commitOf = (groupId: string): object => ({
  groupId,
  memberId: '',
  memberEpoch: -1,
  groupInstanceId: null,
  topics: [],
})

function setUp(present: readonly string[] = []) {
  const clock = new ManualClock()
  const groups = new Set(present)
  const transport = new FakeTransport()
    .answer(offsetCommit, ({ groupId }) => {
      groups.add(groupId)
      return { throttleTimeMs: 0, topics: [] }
    })
    .answer(describeGroups, ({ groupIds }) => ({
      throttleTimeMs: 0,
      groups: groupIds.map((groupId) => ({
        errorCode: groups.has(groupId) ? 0 : codeOf('GROUP_ID_NOT_FOUND'),
        errorMessage: null,
        groupId,
        groupState: '',
        groupEpoch: 0,
        assignmentEpoch: 0,
        assignorName: '',
        members: [],
      })),
    }))
  const handler = createHandler(transport, {
    keys,
    limits: { maxNewGroupsPerHourPerKey: 2 },
    runtime: { clock, random },
  })
  const commit = async (groupId: string, key = 'greedy'): Promise<Response> => {
    const headers = { ...asJson, authorization: `Bearer ${key}` }
    const init = { method: 'POST', headers, body: JSON.stringify(commitOf(groupId)) }
    return handler(new Request('http://kafkado.test/v1/groups/offsets/commit', init))
  }
  return { clock, transport, commit }
}

describe('the groups that a key makes in an hour', () => {
  it('are counted by key, and no more are made until time has passed', async () => {
    const { clock, commit } = setUp()
    expect((await commit('a')).status).toBe(200)
    expect((await commit('b')).status).toBe(200)
    const refused = await commit('c')
    expect(refused.status).toBe(429)
    expect((await refused.json()) as Problem).toMatchObject({
      outcome: 'failed',
      retriable: true,
      retryAfterMs: 1_800_000,
      detail: expect.stringContaining('(maxNewGroupsPerHourPerKey)') as string,
    })
    expect((await commit('c', 'modest')).status).toBe(200)
    // Those that are there are used as before, whoever made them.
    for (const groupId of ['a', 'b', 'c']) expect((await commit(groupId)).status).toBe(200)
    await clock.advanceAsync(1_800_000)
    expect((await commit('d')).status).toBe(200)
    expect((await commit('e')).status).toBe(429)
  })

  it('are looked up once, where they are there', async () => {
    const { transport, commit } = setUp(['a'])
    for (let count = 0; count < 5; count++) expect((await commit('a')).status).toBe(200)
    const asked = transport.sent.filter(({ operation }) => operation === describeGroups.name)
    expect(asked).toHaveLength(1)
  })
})
