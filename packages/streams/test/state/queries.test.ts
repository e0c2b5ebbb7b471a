import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tumblingWindow } from '@kafkado/streams'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'

/** An unused port. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

interface Sale {
  amount: number
}

describe('queries', () => {
  it('find the member that has the key, by HTTP, and need the key of the application', async () => {
    const { kafka, close } = await (places['HTTP to disk'] as (typeof places)[string])()
    await kafka.admin.createTopic('sales', { partitions: 4 })
    const values = take<number>(kafka, 'totals')
    const member = async (port: number) => {
      const advertisedUrl = `http://127.0.0.1:${port}`
      const s = kafka.streams({ application: 'shop', advertisedUrl, queryKey: 'secret', commitInterval: 20 })
      s.stream<Sale>('sales')
        .groupByKey()
        .reduce(0, (total, { amount }) => total + amount, { name: 'totals' })
        .to('totals')
      const app = await s.start()
      await app.serveQueries({ port })
      return app
    }
    const [first, second] = [await freePort(), await freePort()]
    const apps = [await member(first), await member(second)] as const
    const both = async (): Promise<number[]> =>
      (await Promise.all(apps.map((app) => app.tasks()))).map(({ length }) => length)
    let counts: number[] = []
    while (counts.join() !== '2,2') counts = await both()
    const keys = Array.from({ length: 20 }, (_, index) => `shop-${index}`)
    await Promise.all(keys.map((key, index) => kafka.produce('sales', { amount: index + 1 }, { key })))
    await values.next(keys.length)
    await until(() => apps.every(({ state }) => state === 'running'))
    for (const app of apps) {
      const found = await Promise.all(keys.map((key) => app.query<number>('totals').get(key)))
      expect(found).toEqual(keys.map((_, index) => index + 1))
      expect(await app.query('totals').get('nobody')).toBeUndefined()
    }
    const local = await Promise.all(apps.map((app) => app.query<number>('totals').entries()))
    expect(local.every(({ length }) => length > 0 && length < keys.length)).toBe(true)
    expect((await fetch(`http://127.0.0.1:${first}/stores/totals?key=YQ`)).status).toBe(401)
    const authorised = { headers: { authorization: 'Bearer secret' } }
    expect((await fetch(`http://127.0.0.1:${first}/elsewhere`, authorised)).status).toBe(404)
    expect(() => apps[0].query('unknown')).toThrow(/there is no store 'unknown'; the topology has 'totals'/)
    await Promise.all(apps.map((app) => app.close()))
    await values.close()
    await close()
  })

  it('read windows and global tables', async () => {
    const { kafka, close } = await (places['memory'] as (typeof places)[string])()
    const s = kafka.streams({ application: 'windows' })
    await kafka.produce('rates', 1.5, { key: 'EUR' })
    const rates = s.globalTable<number>('rates', { name: 'rates' })
    const counts = s
      .stream<Sale>('sales')
      .join(rates, { key: () => 'EUR' })
      .mapValues((sale, rate) => sale.amount * rate)
      .groupByKey()
      .window(tumblingWindow('1m'))
      .reduce(0, (total, amount) => total + amount, { name: 'per-minute' })
    counts.to('results')
    const app = await s.start()
    const minute = 60_000
    const base = Math.floor(Date.now() / minute) * minute
    for (const [at, amount] of [
      [0, 2],
      [1, 4],
      [minute, 8],
    ] as const)
      await kafka.produce('sales', { amount }, { key: 'a', timestamp: base + at })
    const values = take<number>(kafka, 'results')
    expect(await values.next(3)).toEqual([3, 9, 12])
    const view = app.query<number>('per-minute')
    expect(await view.fetch('a', base, base + minute)).toEqual([
      { key: 'a', start: base, end: base + minute, value: 9 },
      { key: 'a', start: base + minute, end: base + 2 * minute, value: 12 },
    ])
    expect(await view.fetch('a', base + 1, base + minute)).toHaveLength(1)
    expect(await view.get('a')).toBe(12)
    expect(await app.query<number>('rates').get('EUR')).toBe(1.5)
    await values.close()
    await close()
  })
})
