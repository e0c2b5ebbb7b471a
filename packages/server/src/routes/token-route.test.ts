import { fetch, metadata, systemRandom } from '@kafkado/core'
import { ManualClock, type Problem } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import { FakeTransport } from '../../test/fake-transport.ts'
import { asJson, bare, may, metadataOf, post, securedServer, send, valid } from '../../test/secured-server.ts'
import { createKey, createPepper } from '../auth/api-key.ts'
import { type ApiKeys, apiKeys } from '../auth/key-ring.ts'
import type { CreatedToken } from '../auth/token.ts'
import { createHandler } from '../handler.ts'

const answer = { throttleTimeMs: 0, clusterId: null, controllerId: 0, brokers: [], topics: [] }
const problemIn = async (response: Response): Promise<Problem> => (await response.json()) as Problem
const withToken = (path: string, body: unknown, token: string) =>
  post(path, body, { key: null, headers: { ...asJson, authorization: `Bearer ${token}` } })

it('issues a token that is taken in the place of its key, for what it was issued for', async () => {
  const { handler, transport } = securedServer()
  transport.answer(metadata, () => answer)
  const asked = { scopes: [may('describe', 'orders')], lifetime: '1m' }
  const response = await send(handler, post('/v1/tokens', asked))
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const { token, keyId } = (await response.json()) as CreatedToken
  expect(keyId).toBe(valid.key.id)
  const statuses = ['orders', 'public-a'].map(
    async (topic) => (await send(handler, withToken('/v1/metadata', metadataOf(topic), token))).status,
  )
  expect(await Promise.all(statuses)).toEqual([200, 403])
  const further = await send(handler, withToken('/v1/tokens', {}, token))
  expect([further.status, (await problemIn(further)).detail]).toEqual([403, expect.stringContaining('further tokens')])
  const inUrl = await handler(new Request(`http://kafkado.test/v1?token=${token}`))
  expect(inUrl.status).toBe(401)
  expect(transport.sent.map(({ options }) => options.principal)).toEqual([valid.key.id])
})

it.each<[string, unknown, number, RegExp]>([
  ['a scope that the key lacks', { scopes: [may('write', 'payroll')] }, 403, /all of write:topic:payroll/],
  ['a scope that is none', { scopes: [{ ...may('write', 'orders'), effect: 'Allow' }] }, 400, /scopes\.0\.effect/],
  ['a field that there is not', { scope: [] }, 400, /options of a token/],
  ['too long a life', { lifetime: '16m' }, 400, /15 minutes/],
  ['a life that is no duration', { lifetime: 'soon' }, 400, /lifetime/],
  ['no JSON', '{', 400, /not JSON/],
  ['a field for the prototype', '{"__proto__":{}}', 400, /__proto__/],
])('issues none for %s', async (_, body, status, detail) => {
  const { handler } = securedServer()
  const response = await send(handler, post('/v1/tokens', body))
  expect([response.status, (await problemIn(response)).detail]).toEqual([status, expect.stringMatching(detail)])
})

it('issues none to nobody and none without keys, and one that may do nothing for a key that may not', async () => {
  const { handler } = securedServer()
  expect((await send(handler, post('/v1/tokens', {}, { key: null }))).status).toBe(401)
  expect((await send(handler, post('/v1/tokens', {}, { key: bare }))).status).toBe(200)
  const open = await send(createHandler(new FakeTransport()), post('/v1/tokens', {}, { key: null }))
  expect([open.status, (await problemIn(open)).detail]).toEqual([403, expect.stringContaining('no API keys')])
})

it('a long poll tells nothing to a key that was revoked while it waited', async () => {
  const pepper = createPepper()
  const [{ key, secret }, clock] = [await createKey({ pepper, scopes: [may('read', '*')] }), new ManualClock()]
  const runtime = { clock, random: systemRandom }
  let keys = apiKeys({ pepper, keys: [key], runtime })
  const following: ApiKeys = { authenticate: (text) => keys.authenticate(text) }
  let tellWaiting: (arrive: () => void) => void = () => undefined
  const waiting = () => new Promise<() => void>((resolve) => (tellWaiting = resolve))
  const transport = new FakeTransport().answer(
    fetch,
    () => new Promise((resolve) => tellWaiting(() => resolve({ throttleTimeMs: 0, topics: [] }))),
  )
  const handler = createHandler(transport, { keys: following, runtime })
  const poll = { maxWaitMs: 500, minBytes: 1, maxBytes: 100, isolationLevel: 'read_committed', topics: [] }
  const ask = (): Promise<Response> => send(handler, withToken('/v1/fetch', poll, secret))
  let waits = waiting()
  const allowed = ask()
  const arriveFirst = await waits
  arriveFirst()
  expect((await allowed).status).toBe(200)
  waits = waiting()
  const revoked = ask()
  const arrive = await waits
  keys = apiKeys({ pepper, keys: [], runtime })
  arrive()
  expect((await revoked).status).toBe(401)
})
