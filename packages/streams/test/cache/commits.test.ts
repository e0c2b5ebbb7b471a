import { setImmediate as turn } from 'node:timers/promises'
import { codeOf, intercept } from '@kafkado/core'
import { KafkaClient } from 'kafkado'
import type { StreamsApp } from '@kafkado/streams'
import { describe, expect, it } from 'vitest'
import { deferred, places } from '../../../../tests/clients/client-places.ts'
import { take } from '../take.ts'

const guarantees = ['at-least-once', 'exactly-once'] as const
const cases = Object.entries(places).flatMap(([name, place]) =>
  guarantees.map((guarantee) => ({ name, place, guarantee })),
)

/**
 * Sums by key, and sums of these, so that one store's updates feed another; and the same by functions that complete
 * later.
 */
function start(kafka: KafkaClient, options: object): Promise<StreamsApp> {
  const s = kafka.streams({ application: 'sums', cache: 1_000_000, ...options })
  const sums = s
    .stream<number>('amounts')
    .groupByKey()
    .reduce(0, (sum, amount) => sum + amount, { name: 'sums' })
  sums
    .groupBy(() => 'all', { name: 'all' })
    .reduce(
      (one, other) => one + other,
      (one, other) => one - other,
      { name: 'total' },
    )
    .to('total')
  sums
    .toStream()
    .mapAsync(async (sum) => {
      await Promise.resolve()
      return sum * 10
    })
    .toTable({ name: 'tenfold' })
    .to('tenfold')
  sums.to('sums')
  return s.start()
}

describe.each(cases)('an application with a cache, $guarantee, $name', ({ place, guarantee }) => {
  it('tells everything once with the last commit', async () => {
    const { kafka, close } = await place()
    const seen = take<number>(kafka, 'sums')
    const [totals, tenfold] = [take<number>(kafka, 'total'), take<number>(kafka, 'tenfold')]
    // Commits only when it is closed.
    const options = { guarantee, commitInterval: '30s', producer: { transactionTimeout: '60s' } }
    const app = await start(kafka, options)
    for (let amount = 1; amount <= 20; amount++)
      await kafka.produce('amounts', amount, { key: amount % 2 ? 'odd' : 'even' })
    const sum = async () => (await app.query<number>('sums').entries()).reduce((all, [, value]) => all + value, 0)
    while ((await sum()) < 210) await turn()
    await app.close()
    const told = (await seen.records(2)).map(({ key, value }) => [key, value] as const)
    expect(Object.fromEntries(told)).toEqual({ even: 110, odd: 100 })
    expect(new Set(await tenfold.next(2))).toEqual(new Set([1000, 1100]))
    await kafka.produce('sums', -1)
    await kafka.produce('tenfold', -1)
    expect([await seen.next(1), await tenfold.next(1)]).toEqual([[-1], [-1]])
    const again = await start(kafka, { ...options, commitInterval: 20 })
    expect((await totals.next(1)).at(-1)).toBe(210)
    await Promise.all([again.close(), seen.close(), totals.close(), tenfold.close()])
    await close()
  })

  it('rewinds what it holds back along with everything else, when a commit fails', async () => {
    const { kafka: plain, transport, close } = await place()
    const failed = deferred()
    let failures = 3
    const commits = guarantee === 'exactly-once' ? 'txnOffsetCommit' : 'offsetCommit'
    const broken = intercept(transport, (next) => async (operation, request, options) => {
      if (operation.name !== commits || failures === 0) return next(operation, request, options)
      failures--
      if (failures === 0) failed.resolve()
      const { topics } = request as unknown as { topics: { topic: string; partitions: { partition: number }[] }[] }
      // ILLEGAL_GENERATION: the group has moved on, and nothing is committed.
      const refused = topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, errorCode: codeOf('ILLEGAL_GENERATION') })),
      }))
      return { topics: refused } as never
    })
    const kafka = new KafkaClient(broken)
    const seen = take<number>(plain, 'sums')
    const app = await start(kafka, { guarantee, commitInterval: 30 })
    for (let amount = 1; amount <= 10; amount++) await plain.produce('amounts', amount, { key: 'a' })
    await failed.promise
    for (let amount = 11; amount <= 20; amount++) await plain.produce('amounts', amount, { key: 'a' })
    const sums: number[] = []
    while ((sums.at(-1) ?? 0) < 210) sums.push(...(await seen.next(1)))
    if (guarantee === 'exactly-once') {
      expect(sums).toEqual([...new Set(sums)].sort((one, other) => one - other))
      while ((await app.query<number>('total').get('all')) !== 210) await turn()
      expect(await app.query<number>('sums').get('a')).toBe(210)
    }
    expect(sums.length).toBeLessThan(40)
    await app.close()
    await seen.close()
    await kafka.close()
    await close()
  })
})
