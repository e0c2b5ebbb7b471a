import { defineTopic, type KafkaError } from '@kafkado/core'
import { partitionOfKey } from '@kafkado/core/internal'
import { createStreamsBuilder, type StreamsApp } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import type { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../../tests/clients/client-places.ts'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'
import { take } from '../take.ts'

interface Order {
  id: number
  region: string
}

const give = (kafka: KafkaClient, id: number, region: string) =>
  kafka.produce<Order>('orders', { id, region }, { key: `k${id}` })

describe.each(Object.entries(places))('outputs that are chosen record by record, %s', (_, place) => {
  let client: ClientUnderTest
  const apps: StreamsApp[] = []
  const run = async (starting: Promise<StreamsApp>): Promise<StreamsApp> => {
    const app = await starting
    apps.push(app)
    return app
  }
  /** Resolves with the error that ended the application. */
  const failureOf = (app: StreamsApp): Promise<KafkaError> =>
    new Promise((resolve) => app.on('error', ({ error }) => resolve(error as KafkaError)))

  beforeEach(async () => {
    client = await place()
    await client.kafka.admin.createTopic('orders', { partitions: 1 })
  })

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()))
    await client.close()
  })

  it.each(['at-least-once', 'exactly-once'] as const)(
    'go to the topics and partitions of functions, %s',
    async (guarantee) => {
      const { kafka } = client
      const texts = defineTopic('texts', { value: 'string' })
      for (const topic of ['north', 'south', 'texts', 'spread', 'rows'])
        await kafka.admin.createTopic(topic, { partitions: 3 })
      const orders = kafka.stream<Order>('orders')
      orders.to((order) => order.region)
      orders.mapValues(({ region }) => region).to((_value, _key, { offset }) => (offset < 9 ? texts : 'nowhere'))
      orders.to('spread', { partition: ({ id }, key, partitions) => (key === 'k3' ? undefined : id % partitions) })
      orders.toTable().to('rows', { partition: () => 1 })
      await run(
        orders
          .repartition({ name: 'in-two', partitions: 2, partition: ({ id }) => (id > 1 ? 1 : 0) })
          .mapValues(({ id }, _key, { partition }) => ({ id, partition }))
          .to('where')
          .start({ application: `chosen-${guarantee}`, guarantee }),
      )
      for (const [id, region] of ['north', 'south', 'north', 'south'].entries()) await give(kafka, id, region)
      const [north, south] = [take<Order>(kafka, 'north'), take<Order>(kafka, 'south')]
      expect((await north.next(2)).map(({ id }) => id)).toEqual([0, 2])
      expect((await south.next(2)).map(({ id }) => id)).toEqual([1, 3])
      const written = take<string>(kafka, texts as never)
      expect(await written.next(4)).toEqual(['north', 'south', 'north', 'south'])
      const spread = take<Order>(kafka, 'spread')
      const places = new Map((await spread.records(4)).map(({ value: { id }, partition }) => [id, partition]))
      expect([places.get(0), places.get(1), places.get(2)]).toEqual([0, 1, 2])
      const rows = take<Order>(kafka, 'rows')
      expect((await rows.records(4)).map(({ partition }) => partition)).toEqual([1, 1, 1, 1])
      const where = take<{ id: number; partition: number }>(kafka, 'where')
      const read = new Map((await where.next(4)).map(({ id, partition }) => [id, partition]))
      expect([0, 1, 2, 3].map((id) => read.get(id))).toEqual([0, 0, 1, 1])
      await Promise.all([north, south, written, spread, rows, where].map((values) => values.close()))
    },
  )

  it.each(['at-least-once', 'exactly-once'] as const)('go to several partitions, or nowhere, %s', async (guarantee) => {
    const { kafka } = client
    await kafka.admin.createTopic('spread', { partitions: 4 })
    await kafka.admin.createTopic('again', { partitions: 4 })
    // By the number of the record.
    const chosen = [[0, 2], [], undefined, 3, [1], [2, 2, 0], [3, 1, 0, 2], []] as const
    const partition = ({ id }: Order): number | readonly number[] | undefined => chosen[id % chosen.length]
    const orders = kafka.stream<Order>('orders')
    orders.to('spread', { partition })
    // A record without a chosen partition keeps its place among the others.
    orders.filter(({ id }) => id === chosen.length).to('spread')
    const records = Array.from({ length: chosen.length + 1 }, (_value, id) => id)
    for (const id of records) await give(kafka, id, 'north')
    const app = await run(
      orders
        .repartition({ partitions: 4, partition, name: 'several' })
        .mapValues(({ id }, _key, { partition: at }) => ({ id, at }))
        .to('again')
        .start({ application: `several-${guarantee}`, guarantee }),
    )
    const keyed = (id: number): number => partitionOfKey(new TextEncoder().encode(`k${id}`), 4)
    const placesOf = (id: number): number[] => {
      const places = chosen[id % chosen.length]
      return places === undefined ? [keyed(id)] : [...new Set([places].flat())]
    }
    const expected = records.flatMap((id) => placesOf(id).map((at) => ({ id, at })))
    const sorted = (all: { id: number; at: number }[]) =>
      all.toSorted((one, other) => one.id - other.id || one.at - other.at)
    const [spread, again] = [take<Order>(kafka, 'spread'), take<{ id: number; at: number }>(kafka, 'again')]
    const came = (await spread.records(expected.length + 1)).map(({ value: { id }, partition: at }) => ({ id, at }))
    expect(sorted(came)).toEqual(sorted([...expected, { id: chosen.length, at: keyed(chosen.length) }]))
    expect(sorted(await again.next(expected.length))).toEqual(sorted(expected))
    for (const at of [0, 1, 2, 3]) {
      const ids = came.filter((one) => one.at === at).map(({ id }) => id)
      expect(ids).toEqual(ids.toSorted((one, other) => one - other))
    }
    const dropped = async (): Promise<number> =>
      (await app.tasks()).reduce((sum, task) => sum + (task.dropped['no-partition'] ?? 0), 0)
    expect(await dropped()).toBe(4)
    await app.close()
    const { offsets } = await kafka.admin.describeGroup(`several-${guarantee}`)
    expect(offsets.find(({ topic }) => topic === 'orders')?.committed).toBe(records.length)
    await Promise.all([spread.close(), again.close()])
  })

  it.each([
    ['beyond the last', () => 3, /topic 'spread' has 3 partitions, and \{ partition \} has chosen 3: .*from 0 to 2/],
    ['one of several', () => [0, 7], /has chosen 7: .* a list of them/],
    ['nothing in a list', () => [0, undefined] as never, /has chosen undefined/],
    ['below the first', () => -1, /has chosen -1/],
    ['no whole number', () => 0.5, /has chosen 0.5/],
    ['a promise', () => Promise.resolve(1) as never, /mapAsync/],
    [
      'an error',
      () => {
        throw new Error('no idea')
      },
      /topic 'spread': \{ partition \} has failed: no idea/,
    ],
  ])(
    'a partition that is none ends the application with the record and the topic: %s',
    async (_what, partition, message) => {
      const { kafka } = client
      await kafka.admin.createTopic('spread', { partitions: 3 })
      const app = await run(
        kafka
          .stream<Order>('orders')
          .to('spread', { partition, name: 'spreading' })
          .start({ application: 'spread', commitInterval: 20 }),
      )
      const failure = failureOf(app)
      await give(kafka, 1, 'north')
      const error = await failure
      expect(error.message).toMatch(message)
      expect(error.message).toContain("topic 'orders' partition 0 offset 0")
    },
  )

  it('a partition that is none can be left out', async () => {
    const { kafka } = client
    await kafka.admin.createTopic('spread', { partitions: 3 })
    const partition = ({ id }: Order): number => id
    await run(
      kafka
        .stream<Order>('orders')
        .to('spread', { partition })
        .start({ application: 'spread', commitInterval: 20, onError: 'skip' }),
    )
    for (const id of [7, 2]) await give(kafka, id, 'north')
    const spread = take<Order>(kafka, 'spread')
    expect((await spread.next(1)).map(({ id }) => id)).toEqual([2])
    await spread.close()
  })
})

describe('a topic that is chosen', () => {
  it('has to be one', () => {
    const s = createStreamsBuilder(noTransport)
    s.stream<Order>('orders').to((order) => order.region)
    const driver = new TopologyTestDriver(s)
    expect(() => driver.pipe('orders', { value: { id: 1, region: 'no topic!' } })).toThrow(
      /"no topic!" is not a valid topic name/,
    )
    expect(() => driver.pipe('orders', { value: { id: 1 } })).toThrow(/undefined is not a valid topic name/)
    driver.pipe('orders', { key: 'k', value: { id: 1, region: 'north' } })
    expect(driver.read('north').map(({ value }) => value)).toEqual([{ id: 1, region: 'north' }])
  })
})

describe('a partition that is chosen', () => {
  it('of one partition is the only one, or none', () => {
    const driver = new TopologyTestDriver((s) => {
      const numbers = s.stream<number>('in')
      numbers.to('out', { partition: (value) => (value % 2 === 0 ? [] : [0, 0]) })
    })
    for (const value of [1, 2, 3, 4]) driver.pipe('in', value)
    expect(driver.read('out').map(({ value }) => value)).toEqual([1, 3])
    expect(driver.dropped()).toEqual({ 'no-partition': 2 })
  })
})
