import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  createTransactionalProducer,
  InvalidRequestError,
  type KafkaRecord,
  seededRandom,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, deferred, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

describe.each(Object.entries(places))('reading many records at a time on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: { close(): Promise<unknown> }[]

  beforeEach(async () => {
    clock = new ManualClock()
    made = []
    under = await place({ clock, heartbeatInterval: 50, defaultPartitions: 1 })
    await under.kafka
      .producer<number>('in')
      .sendBatch([0, 1, 2, 3, 4, 5].map((value) => ({ value, key: `${value % 2}` })))
  })
  afterEach(async () => {
    await passing(Promise.all(made.map((one) => one.close())))
    await under.close()
  })

  const passing = <T>(promise: Promise<T>): Promise<T> => inTime(promise, clock)

  function consumer(config: ConsumerConfig = {}): Consumer<number> {
    const one = createConsumer<number>(under.transport, 'in', {
      group: 'g',
      runtime: { clock, random: seededRandom(made.length + 1) },
      ...config,
    })
    made.push(one)
    return one
  }

  async function committed(): Promise<number> {
    return Math.max((await under.kafka.admin.describeGroup('g')).offsets[0]?.committed ?? 0, 0)
  }

  it('next() while another call waits is refused, whatever waits, and neither reading nor commits stop', async () => {
    const one = consumer()
    // The first call waits for the assignment, the last ones for a record that does not exist.
    for (let count = 0; count < 7; count++) {
      const waiting = one.next()
      const others = await Promise.allSettled([one.next(), one.next()])
      for (const other of others)
        expect(other).toMatchObject({ reason: { code: 'INVALID_REQUEST', outcome: 'failed', retriable: false } })
      if (count === 6) await under.kafka.produce('in', 6)
      expect((await passing(waiting)).value).toBe(count)
    }
    await passing(one.commit())
    expect(await committed()).toBe(6)
    const last = one.next().catch((error: unknown) => error)
    await expect(one.next()).rejects.toBeInstanceOf(InvalidRequestError)
    await passing(one.close())
    expect(await last).toMatchObject({ code: 'DISCONNECTED' })
    expect(await committed()).toBe(7)
  })

  it.each(['records', 'batches', 'mapped records'] as const)(
    'an iterator of %s refuses next() while another call waits, and finishes each item',
    async (kind) => {
      const one = consumer({ autoCommit: false })
      const items = {
        records: () => one,
        batches: () => one.batches({ size: 1, timeout: 1 }),
        'mapped records': () => one.map((record) => record),
      }[kind]()
      const iterator = items[Symbol.asyncIterator]() as AsyncIterator<unknown>
      const refused = (): Promise<unknown> => iterator.next().catch((error: unknown) => error)
      for (let count = 0; count < 6; count++) expect(await passing(iterator.next())).toMatchObject({ done: false })
      const waiting = iterator.next()
      expect(await Promise.all([refused(), refused()])).toEqual([
        expect.any(InvalidRequestError),
        expect.any(InvalidRequestError),
      ])
      await under.kafka.produce('in', 6)
      expect(await passing(waiting)).toMatchObject({ done: false })
      const last = iterator.next()
      await passing(one.commit())
      expect(await committed()).toBe(7)
      await passing(one.close())
      expect(await last).toEqual({ done: true, value: undefined })
    },
  )

  describe.each(['key', 'partition', 'unordered'] as const)('parallel() in the order of %s', (ordering) => {
    /** Handlers that end when the test says, by value. */
    async function running(config: ConsumerConfig = {}, count = ordering === 'partition' ? 1 : 2) {
      const ends = [0, 1, 2, 3, 4, 5].map(() => deferred())
      const begun = new Map<number, KafkaRecord<number>>()
      const one = consumer(config)
      const reading = one.parallel({ concurrency: 3, ordering }, async (record) => {
        begun.set(record.value, record)
        await ends[record.value]?.promise
      })
      await until(() => begun.size >= count, clock)
      const endAll = (): void => ends.forEach(({ resolve }) => resolve())
      return { one, begun, ends, reading, endAll }
    }

    it('record.commit() stops at the lowest record that is worked on', async () => {
      const { one, begun, ends, reading, endAll } = await running({ autoCommit: false })
      if (ordering === 'partition') {
        await passing((begun.get(0) as KafkaRecord<number>).commit())
        expect(await committed()).toBe(1)
      } else {
        await expect(passing((begun.get(1) as KafkaRecord<number>).commit()).then(() => committed())).resolves.toBe(0)
        ends[0]?.resolve()
        // The record that waited for it begins.
        await until(() => begun.has(ordering === 'key' ? 2 : 3), clock)
        await passing((begun.get(1) as KafkaRecord<number>).commit())
        expect(await committed()).toBe(2)
      }
      endAll()
      await until(() => begun.size === 6, clock)
      await passing(one.close())
      await reading
    })

    it('tx.commitOffsets(consumer) is refused; tx.commitOffsets([record]) commits nothing that is worked on', async () => {
      const { one, begun, ends, reading, endAll } = await running()
      const producer = createTransactionalProducer(under.transport, { transactionalId: ordering })
      made.push(producer)
      await expect(producer.transaction((tx) => tx.commitOffsets(one))).rejects.toThrow(/commitOffsets\(\[record\]\)/)
      expect(await committed()).toBe(0)
      if (ordering !== 'partition') {
        const second = begun.get(1) as KafkaRecord<number>
        await expect(producer.transaction((tx) => tx.commitOffsets([second]))).rejects.toThrow(/offset 0 is still/)
        expect(await committed()).toBe(0)
      }
      await producer.transaction((tx) => tx.commitOffsets([begun.get(0) as KafkaRecord<number>]))
      expect(await committed()).toBe(1)
      ends[0]?.resolve()
      await turn()
      endAll()
      await until(() => begun.size === 6, clock)
      await passing(one.close())
      await reading
      expect(await committed()).toBe(1)
    })
  })
})
