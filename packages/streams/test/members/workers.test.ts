import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { intercept } from '@kafkado/core'
import { KafkaClient } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { deferred, places } from '../../../../tests/clients/client-places.ts'
import * as ratedSales from './rated-sales.ts'
import { input, output, type Payment } from '../sums.ts'
import { take } from '../take.ts'

const module = new URL('../sums.ts', import.meta.url)

describe.each(Object.entries(places))('tasks in threads, %s', (_, place) => {
  it('share the partitions, sum exactly once, answer queries, and go on from their folder', async () => {
    const { kafka, close } = await place()
    const stateDirectory = await mkdtemp(join(tmpdir(), 'kafkado-workers-'))
    await kafka.admin.createTopic(input, { partitions: 4 })
    const options = { application: 'sums', workers: 2, module, stateDirectory, guarantee: 'exactly-once' } as const
    const values = take<number>(kafka, output)
    const expected = new Map<string, number>()
    const pay = async (from: number, to: number): Promise<void> => {
      const payments = Array.from({ length: to - from }, (__, index): Payment => {
        const customerId = `customer-${(from + index) % 17}`
        expected.set(customerId, (expected.get(customerId) ?? 0) + from + index)
        return { customerId, amount: from + index }
      })
      await Promise.all(payments.map((value, index) => kafka.produce(input, value, { key: `${from + index}` })))
    }
    const app = await kafka.streams(options).start()
    expect(app.state).not.toBe('failed')
    await pay(0, 500)
    await values.records(500)
    // Until the second thread has its share.
    let ids: string[] = []
    while (ids.length !== 8) ids = (await app.tasks()).map(({ id }) => id).sort()
    expect(ids).toEqual(['0_0', '0_1', '0_2', '0_3', '1_0', '1_1', '1_2', '1_3'])
    const { members } = await kafka.admin.describeGroup('sums')
    expect(members).toHaveLength(2)
    expect(members.every(({ assignment }) => assignment.length > 0)).toBe(true)
    expect(await app.query<number>('totals').get('customer-3')).toBe(expected.get('customer-3'))
    expect(await app.query<number>('totals').get('nobody')).toBeUndefined()
    expect(new Map(await app.query<number>('totals').entries())).toEqual(expected)
    await app.close()
    expect(app.state).toBe('closed')

    const again = await kafka.streams(options).start()
    await pay(500, 600)
    await values.records(100)
    expect(new Map(await again.query<number>('totals').entries())).toEqual(expected)
    await again.close()
    await values.close()
    await close()
    await rm(stateDirectory, { recursive: true })
  })
})

it('static members in threads have a name each', async () => {
  const engine = memory()
  const kafka = new KafkaClient(engine)
  await kafka.admin.createTopic(input, { partitions: 4 })
  const app = await kafka.streams({ application: 'sums', workers: 3, module, consumer: { instanceId: 'shop' } }).start()
  const instances = async (): Promise<unknown[]> =>
    (await kafka.admin.describeGroup('sums')).members.map(({ instanceId }) => `${instanceId}`).toSorted()
  let found = await instances()
  while (found.length < 3 && app.state !== 'failed') {
    await turn()
    found = await instances()
  }
  expect(found).toEqual(['shop-1', 'shop-2', 'shop-3'])
  await app.close()
  await kafka.close()
  await engine.close()
})

describe.each(Object.entries(places))('what was processed of a repartition topic, %s', (_, place) => {
  it.each([0, 2])('is deleted with %i workers, also where it could not be the first time', async (workers) => {
    const { kafka: plain, transport, faults, close } = await place()
    const topic = 'sums-payments-by-customerId-repartition'
    const purged = deferred()
    const isPurged = async (): Promise<boolean> => {
      const { offsets } = await plain.admin.describeTopic(topic)
      const written = offsets.reduce((sum, { latest }) => sum + latest, 0)
      return written === 40 && offsets.every(({ earliest, latest }) => earliest === latest)
    }
    const watched = intercept(transport, (next) => async (operation, request, options) => {
      const answer = await next(operation, request, options)
      if (operation.name === 'deleteRecords' && (await isPurged())) purged.resolve()
      return answer
    })
    const kafka = new KafkaClient(watched)
    await kafka.admin.createTopic(input, { partitions: 4 })
    faults.failNext('deleteRecords', 'TOPIC_AUTHORIZATION_FAILED')
    const options = { application: 'sums', workers, module, commitInterval: 20, repartitionPurgeInterval: 20 }
    const app = await kafka.streams(options).start()
    const payments = Array.from({ length: 40 }, (__, index) => ({ customerId: `customer-${index}`, amount: 1 }))
    await Promise.all(payments.map((value, index) => kafka.produce(input, value, { key: `${index}` })))
    await purged.promise
    await app.close()
    await kafka.close()
    await close()
  })
})

it.each(['at-least-once', 'exactly-once'] as const)(
  'a repartition topic that is deleted under tasks in threads is made again, and what they lose by it is told, %s',
  async (guarantee) => {
    const engine = memory({ heartbeatInterval: 100 })
    const kafka = new KafkaClient(engine)
    const topic = 'sums-payments-by-customerId-repartition'
    await kafka.admin.createTopic(input, { partitions: 4 })
    const values = take<number>(kafka, output)
    const app = await kafka.streams({ application: 'sums', guarantee, workers: 2, module, commitInterval: 20 }).start()
    const errors: unknown[] = []
    app.on('error', ({ error }) => errors.push(error))
    const pay = async (): Promise<number> => {
      const payments = Array.from({ length: 40 }, (_, index) => ({ customerId: `customer-${index}`, amount: 1 }))
      await Promise.all(payments.map((value, index) => kafka.produce(input, value, { key: `${index}` })))
      return (await values.next(40)).reduce((sum, value) => sum + value, 0)
    }
    expect(await pay()).toBe(40)
    await kafka.admin.deleteTopic(topic)
    expect(await pay()).toBe(80)
    expect((await kafka.admin.describeTopic(topic)).partitions).toBe(4)
    expect(errors).toMatchObject([{ code: 'REPARTITION_TOPIC_DELETED' }])
    expect(app.state).not.toBe('failed')
    await app.close()
    await values.close()
    await kafka.close()
    await engine.close()
  },
)

describe.each([0, 2])('queries with %i workers', (workers) => {
  it('tell the rows of global tables once and those of all tasks, and refuse a key that cannot be read', async () => {
    const { kafka, close } = await (places['memory'] as (typeof places)[string])()
    await kafka.admin.createTopic(ratedSales.input, { partitions: 4 })
    for (const [currency, rate] of Object.entries({ EUR: 2, CHF: 3 }))
      await kafka.produce('rates', rate, { key: currency })
    const failures: unknown[] = []
    const ratedModule = new URL('rated-sales.ts', import.meta.url)
    const app = await kafka.streams({ application: 'rated', workers, module: ratedModule }).start()
    app.on('error', ({ error }) => failures.push(error))
    const shops = Array.from({ length: 20 }, (_, index) => `shop-${index}`)
    const values = take<number>(kafka, ratedSales.output)
    await Promise.all(shops.map((key) => kafka.produce(ratedSales.input, 5, { key })))
    await values.next(shops.length)
    expect(await app.query<number>('rates').get('CHF')).toBe(3)
    const rates = await app.query<number>('rates').entries()
    expect([rates.length, Object.fromEntries(rates)]).toEqual([2, { EUR: 2, CHF: 3 }])
    const unreadable = await app.handleQuery(new Request('http://localhost/stores/totals?key=_w'))
    expect([unreadable.status, await unreadable.text()]).toEqual([400, expect.stringMatching(/'totals'.*key/)])
    expect(new Map(await app.query<number>('totals').entries())).toEqual(new Map(shops.map((key) => [key, 10])))
    expect(await app.query<number>('totals').get('shop-7')).toBe(10)
    expect([app.state, failures]).toEqual(['running', []])
    await app.close()
    await values.close()
    await close()
  })
})

it.each([0, 2])(
  'a global table that cannot be read keeps an application with %i workers from starting',
  async (workers) => {
    const { kafka, close } = await (places['memory'] as (typeof places)[string])()
    await kafka.admin.createTopic(ratedSales.input, { partitions: 4 })
    await kafka.producer('rates').sendRaw(new TextEncoder().encode('{'), { key: 'EUR' })
    const ratedModule = new URL('rated-sales.ts', import.meta.url)
    const starting = kafka.streams({ application: 'rated', workers, module: ratedModule }).start()
    await expect(starting).rejects.toMatchObject({
      code: 'SERIALIZATION_ERROR',
      message: expect.stringMatching(/^global table: topic 'rates' partition 0 offset 0: /) as string,
    })
    await close()
  },
)

describe('what threads cannot do', () => {
  it('is said in words: functions, modules without a topology, topologies that throw', async () => {
    const { kafka, close } = await (places['memory'] as (typeof places)[string])()
    await expect(kafka.stream('orders').to('copies').start({ workers: 2 })).rejects.toThrow(/workers need a module/)
    const wrong = new URL('../take.ts', import.meta.url)
    await expect(kafka.streams({ workers: 1, module: wrong }).start()).rejects.toThrow(/export a function as default/)
    await close()
  })
})
