// Somebody sets the clock of a server's machine by up to a day, back or forward, at any moment.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import { describeGroups, http, seededRandom } from '@kafkado/core'
import { ManualClock, yieldToEventLoop } from '@kafkado/core/internal'
import { createHandler, createKey, createPepper } from '@kafkado/server'
import { loadKeys } from '@kafkado/server/node'
import { Harness, TestMember, TestProducer } from '@kafkado/testing/conformance'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

const dayMs = 86_400_000
/** How far the clock is set before each second that passes. */
const jumps = fc.array(fc.integer({ min: -dayMs, max: dayMs }), { minLength: 40, maxLength: 40 })
const runs = { numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 10) }
const random = seededRandom(1)

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await yieldToEventLoop()
}

/** Counts the seconds until something has ended. */
async function secondsUntil(clock: ManualClock, byMs: readonly number[], hasEnded: () => boolean | Promise<boolean>) {
  for (const [second, jumpMs] of byMs.entries()) {
    await turns()
    if (await hasEnded()) return second
    clock.adjust(jumpMs)
    clock.advance(1000)
  }
  await turns()
  return (await hasEnded()) ? byMs.length : Number.POSITIVE_INFINITY
}

/** An engine behind a server, both on one clock, and a client on a clock of its own. */
function place() {
  const clock = new ManualClock()
  const runtime = { clock, random }
  const engine = memory({ runtime, sessionTimeout: '30s' })
  const handler = createHandler(engine, { runtime, limits: { minBytesPerSecond: 0 } })
  const transport = http({ url: 'http://localhost', fetch: (input, init) => handler(new Request(input, init)) })
  const close = async (): Promise<void> => {
    await transport.close()
    await engine.close()
  }
  return { clock, handler, harness: new Harness(transport, 'jumping'), transport, close }
}

type Place = ReturnType<typeof place>

/** What ends after so many seconds. */
const timed: [name: string, afterSeconds: number, begin: (at: Place) => Promise<() => boolean | Promise<boolean>>][] = [
  [
    'a long poll',
    12,
    async ({ harness }) => {
      const topic = await harness.topic()
      let hasEnded = false
      void harness.fetch(topic, 0, { maxWaitMs: 12_000, minBytes: 1 }).then(() => (hasEnded = true))
      return () => hasEnded
    },
  ],
  [
    'a request whose body never ends',
    30,
    async ({ handler }) => {
      let hasEnded = false
      const body = new ReadableStream({ pull: () => new Promise(() => undefined) })
      const headers = { 'content-type': 'application/json' }
      const more = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
      const request = new Request('http://localhost/v1/metadata', more)
      void handler(request).then(({ status }) => (hasEnded = status === 408))
      return () => hasEnded
    },
  ],
  [
    'a session',
    30,
    async ({ harness, transport }) => {
      await new TestMember(harness, 'group', [await harness.topic()]).beat()
      const members = async (): Promise<number> => {
        const { groups } = await transport.send(describeGroups, { groupIds: ['group'] })
        return groups[0]?.members.length ?? 0
      }
      return async () => (await members()) === 0
    },
  ],
  [
    'a transaction',
    20,
    async ({ harness }) => {
      const topic = await harness.topic()
      const producer = await new TestProducer(harness, 'id').init({ transactionTimeoutMs: 20_000 })
      await producer.send(topic, ['open'])
      return async () => (await harness.fetch(topic, 0)).lastStableOffset === 2
    },
  ],
]

it.each(timed)('%s ends after its own time over HTTP', { timeout: 60_000 }, async (_, afterSeconds, begin) => {
  await fc.assert(
    fc.asyncProperty(jumps, async (byMs) => {
      const at = place()
      try {
        expect(await secondsUntil(at.clock, byMs, await begin(at))).toBe(afterSeconds)
      } finally {
        await at.close()
      }
    }),
    runs,
  )
})

it('a revoked key is refused within 5 s', { timeout: 60_000 }, async () => {
  const pepper = createPepper()
  const { key, secret } = await createKey({ pepper })
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-jumping-'))
  const path = join(folder, 'keys.json')
  const write = (keys: object[]): Promise<void> => writeFile(path, JSON.stringify({ version: 1, pepper, keys }))
  try {
    await fc.assert(
      fc.asyncProperty(jumps, async (byMs) => {
        const clock = new ManualClock()
        await write([key])
        const keys = await loadKeys(path, { runtime: { clock, random } })
        await write([])
        const isRefused = (): Promise<boolean> =>
          keys.authenticate(secret).then(
            () => false,
            () => true,
          )
        expect(await secondsUntil(clock, byMs, isRefused)).toBeLessThanOrEqual(5)
      }),
      runs,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
