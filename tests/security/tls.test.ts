import { mkdtempSync, readFileSync } from 'node:fs'
import { copyFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { memory } from '@kafkado/broker'
import { ManualClock } from '@kafkado/core/internal'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { LogEntry } from '@kafkado/server'
import { type RunningServer, serve } from '@kafkado/server/node'
import { makeCertificates } from '../../scripts/kafka/certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'kafkado-tls-'))
const [first, second] = ['first', 'second'].map((name) => makeCertificates(join(folder, name))) as [
  ReturnType<typeof makeCertificates>,
  ReturnType<typeof makeCertificates>,
]
const cert = join(folder, 'cert.pem')
afterAll(() => rm(folder, { recursive: true }))

const random = { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' }
let server: RunningServer | undefined
afterEach(() => server?.close())

async function start(clientCa?: string) {
  await copyFile(first.brokerFile, cert)
  const logged: LogEntry[] = []
  const clock = new ManualClock()
  server = await serve({
    transport: memory(),
    port: 0,
    tls: { cert, key: cert, clientCa },
    log: (entry) => logged.push(entry),
    runtime: { clock, random },
  })
  return { clock, logged, server }
}

interface Answered {
  readonly status: number | undefined
  /** The certificate that the server showed for this connection. */
  readonly shown: string
  readonly isReused: boolean
}

function ask(port: number, options: RequestOptions): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path: '/livez', ...options }, (response) => {
      const shown = (response.socket as TLSSocket).getPeerCertificate().fingerprint256
      response.resume().once('end', () => resolve({ status: response.statusCode, shown, isReused: asked.reusedSocket }))
    })
    asked.once('error', reject).end()
  })
}

const ca = [first, second].map(({ caFile }) => readFileSync(caFile, 'utf8'))

describe('a server with TLS', () => {
  it('gives new connections a renewed certificate, and keeps the open ones', async () => {
    const { clock, logged, server: running } = await start()
    expect(running.url).toMatch(/^https:/)
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
    const before = await ask(running.port, { agent })
    expect(before).toMatchObject({ status: 200, isReused: false })
    await copyFile(second.brokerFile, cert)
    const renewed = (): boolean => logged.some(({ message }) => message.includes('was renewed'))
    while (!renewed()) await clock.advanceAsync('5s')
    expect(await ask(running.port, { agent })).toEqual({ ...before, isReused: true })
    const after = await ask(running.port, { agent: new Agent({ ca }) })
    expect(after.status).toBe(200)
    expect(after.shown).not.toBe(before.shown)
    agent.destroy()
  })

  it('keeps its certificate when the renewed one is faulty, and says so once', async () => {
    const { clock, logged, server: running } = await start()
    const { shown } = await ask(running.port, { agent: new Agent({ ca }) })
    await writeFile(cert, 'no certificate')
    const complaints = () => logged.filter(({ level }) => level === 'error')
    while (complaints().length === 0) await clock.advanceAsync('5s')
    for (let look = 0; look < 20; look++) await clock.advanceAsync('5s')
    expect(complaints()).toMatchObject([{ message: expect.stringContaining(cert) }])
    expect(await ask(running.port, { agent: new Agent({ ca }) })).toMatchObject({ status: 200, shown })
  })

  it('takes only clients with a certificate of its authority, if it has one for them', async () => {
    const { server: running } = await start(first.caFile)
    const signedBy = ({ clientCertificateFile, clientKeyFile }: typeof first): RequestOptions => ({
      agent: new Agent({ ca, cert: readFileSync(clientCertificateFile), key: readFileSync(clientKeyFile) }),
    })
    expect(await ask(running.port, signedBy(first))).toMatchObject({ status: 200 })
    await expect(ask(running.port, signedBy(second))).rejects.toThrow()
    await expect(ask(running.port, { agent: new Agent({ ca }) })).rejects.toThrow()
  })

  it.each([
    ['a missing file', '/no/such/file.pem', first.clientKeyFile, /\/no\/such\/file\.pem cannot be read: ENOENT/],
    ['a key of another certificate', first.clientCertificateFile, second.clientKeyFile, /cannot be used together/],
  ])('refuses %s', async (_, certFile, key, message) => {
    await expect(serve({ transport: memory(), port: 0, tls: { cert: certFile, key } })).rejects.toThrow(message)
  })
})
