import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { intercept } from '@kafkado/core'
import { KafkaClient } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { deferred, places } from '../clients/client-places.ts'
import { input, output, type Payment } from './sums.ts'
import { take } from './take.ts'

const module = new URL('sums.ts', import.meta.url)

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

describe('what threads cannot do', () => {
  it('is said in words: functions, modules without a topology, topologies that throw', async () => {
    const { kafka, close } = await (places['memory'] as (typeof places)[string])()
    await expect(kafka.stream('orders').to('copies').start({ workers: 2 })).rejects.toThrow(/workers need a module/)
    const wrong = new URL('take.ts', import.meta.url)
    await expect(kafka.streams({ workers: 1, module: wrong }).start()).rejects.toThrow(/export a function as default/)
    await close()
  })
})
