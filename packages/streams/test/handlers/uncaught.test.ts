import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StreamsApp, StreamsState } from '@kafkado/streams'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'

interface Payment {
  readonly customerId: string
  readonly amount: number
}

describe.each(Object.entries(places))('a member that cannot go on, %s', (_, place) => {
  it.each([
    { guarantee: 'exactly-once', inFolder: false },
    { guarantee: 'exactly-once', inFolder: true },
    { guarantee: 'at-least-once', inFolder: true },
  ] as const)('is replaced, $guarantee, with the state of what was committed', async ({ guarantee, inFolder }) => {
    const { kafka, close } = await place()
    for (const topic of ['payments', 'totals']) await kafka.admin.createTopic(topic, { partitions: 2 })
    const stateDirectory = inFolder ? await mkdtemp(join(tmpdir(), 'kafkado-uncaught-')) : undefined
    const states: StreamsState[] = []
    const errors: unknown[] = []
    let processed = 0
    const failsAt = new Set([37, 90, 91])
    const s = kafka.streams({
      application: 'app',
      guarantee,
      stateDirectory,
      commitInterval: 10,
      onUncaughtError: (error, failures) => {
        errors.push([(error as Error).message, failures])
        return 'replace'
      },
    })
    s.stream<Payment>('payments')
      .groupBy(({ customerId }) => customerId)
      .reduce(
        0,
        (total, { amount }) => {
          // Fails at each such count, rather than for a certain record.
          if (failsAt.has(++processed)) throw new Error('out of luck')
          return total + amount
        },
        { name: 'totals' },
      )
      .to('totals')
    const app: StreamsApp = await s.start()
    app.on('state', ({ state, error }) => {
      states.push(state)
      expect(error === undefined).toBe(state !== 'replacing')
    })
    const payments = Array.from({ length: 120 }, (__, index) => ({ customerId: `c${index % 7}`, amount: index }))
    await Promise.all(payments.map((value, index) => kafka.produce('payments', value, { key: `${index}` })))
    const isDone = async (): Promise<boolean> => errors.length === 3 && (await totalOf(app)) >= expectedTotal
    await until(async () => app.state === 'running' && (await isDone()))
    expect(errors.map((one) => (one as [string])[0])).toEqual(
      Array(3).fill(expect.stringMatching(/operator 'totals': processing failed: out of luck$/)),
    )
    if (guarantee === 'exactly-once') {
      expect(Object.fromEntries(await app.query<number>('totals').entries())).toEqual(sums(payments))
      // The last result of each customer, and no more results than payments.
      const { offsets } = await kafka.admin.describeTopic('totals')
      expect(offsets).toHaveLength(2)
      const out = take<number>(kafka, 'totals')
      const last = new Map<unknown, number>()
      for (const { key, value } of await out.records(payments.length)) last.set(key, value)
      expect(Object.fromEntries(last)).toEqual(sums(payments))
      await out.close()
    }
    expect(states.filter((state) => state === 'replacing')).toHaveLength(3)
    expect(states.at(-1)).toBe('running')
    await app.close()
    expect(app.state).toBe('closed')
    await close()
    if (stateDirectory !== undefined) await rm(stateDirectory, { recursive: true })
  })
})

const expectedTotal = (119 * 120) / 2

async function totalOf(app: StreamsApp): Promise<number> {
  const entries = await app.query<number>('totals').entries()
  return entries.reduce((sum, [, value]) => sum + value, 0)
}

function sums(payments: readonly Payment[]): Record<string, number> {
  const totals: Record<string, number> = {}
  for (const { customerId, amount } of payments) totals[customerId] = (totals[customerId] ?? 0) + amount
  return totals
}
