import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedTransport, memory } from '@kafkado/broker'
import { codeOf, seededRandom } from '@kafkado/core'
import { ManualClock, type Problem } from '@kafkado/core/internal'
import { apiKeys, createKey, createPepper, type Limits } from '@kafkado/server'
import { type RunningServer, serve } from '@kafkado/server/node'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { makeCertificates } from '../../scripts/kafka/certificates.ts'

/** Keys, quotas and limits of connections hold within TLS, as they do without. */

const folder = mkdtempSync(join(tmpdir(), 'kafkado-tls-keys-'))
const { brokerFile: cert, caFile } = makeCertificates(folder)
const ca = readFileSync(caFile, 'utf8')
afterAll(() => rm(folder, { recursive: true }))

const pepper = createPepper()
const [greedy, modest] = await Promise.all([createKey({ pepper }), createKey({ pepper })])
const clock = new ManualClock()
let engine: EmbeddedTransport
let server: RunningServer
const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy()
  await server.close()
  await engine.close()
})

async function start(limits: Partial<Limits>): Promise<void> {
  const runtime = { clock, random: seededRandom(1) }
  engine = memory({ runtime })
  const keys = apiKeys({ pepper, keys: [greedy.key, modest.key], runtime })
  const tls = { cert, key: cert }
  server = await serve({ transport: engine, port: 0, tls, keys, limits, runtime, audit: () => undefined })
}

function agent(): Agent {
  const made = new Agent({ ca, keepAlive: true, maxSockets: 1 })
  agents.push(made)
  return made
}

interface Answered {
  readonly status: number | undefined
  readonly retryAfter: string | undefined
  readonly body: Partial<Problem>
}

function ask(over: Agent, key?: { secret: string }): Promise<Answered> {
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key.secret}` } : {}
  return new Promise((resolve, reject) => {
    request({ port: server.port, host: '127.0.0.1', path: '/v1', agent: over, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.once('end', () => {
        const { statusCode: status, headers: answered } = response
        resolve({ status, retryAfter: answered['retry-after'], body: JSON.parse(text) as Partial<Problem> })
      })
    })
      .once('error', reject)
      .end()
  })
}

describe('within TLS', () => {
  it('a server asks for a key, and each key has a quota of its own', async () => {
    await start({ maxRequestsPerSecondPerKey: 2 })
    const [first, second] = [agent(), agent()]
    expect(await ask(first)).toMatchObject({ status: 401, body: { kafkaCode: codeOf('SASL_AUTHENTICATION_FAILED') } })
    const statuses: (number | undefined)[] = []
    for (let count = 0; count < 24; count++) statuses.push((await ask(first, greedy)).status)
    expect(statuses).toEqual([...Array<number>(23).fill(200), 429])
    expect(await ask(first, greedy)).toMatchObject({ retryAfter: '2', body: { code: 'QUOTA_EXCEEDED' } })
    // On the same connection as well: a quota is one of keys.
    expect(await ask(first, modest)).toMatchObject({ status: 200 })
    expect(await ask(second, modest)).toMatchObject({ status: 200 })
    await clock.advanceAsync(2000)
    expect(await ask(first, greedy)).toMatchObject({ status: 200 })
  })

  it('connections are counted, and one too many is told why', async () => {
    await start({ maxConnectionsPerAddress: 2 })
    const [first, second, third] = [agent(), agent(), agent()]
    expect(await ask(first, greedy)).toMatchObject({ status: 200 })
    expect(await ask(second, greedy)).toMatchObject({ status: 200 })
    expect(await ask(third, modest)).toMatchObject({
      status: 429,
      body: { detail: expect.stringContaining('(maxConnectionsPerAddress)') as string },
    })
    expect(await ask(first, modest)).toMatchObject({ status: 200 })
  })
})
