import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  type KafkaRecord,
  RebalanceInProgressError,
  seededRandom,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, places } from '../../../../tests/clients/client-places.ts'
import { inTime } from '../../../../tests/passing-time.ts'

/**
 * How reading ends, with the records that were read; the last of them is not processed as far as the consumer knows
 * where it says so.
 */
const ends: Record<string, { isInHand: boolean; read(one: Consumer<string>): Promise<KafkaRecord<string>[]> }> = {
  'take(n)': { isInHand: false, read: (one) => collect(one.take(3)) },
  'batches().take(1)': {
    isInHand: false,
    read: async (one) =>
      (await collect(one.batches({ size: 3, timeout: 10 }).take(1))).flatMap(({ records }) => [...records]),
  },
  break: {
    isInHand: true,
    read: async (one) => {
      const records: KafkaRecord<string>[] = []
      for await (const record of one) {
        records.push(record)
        if (records.length === 3) break
      }
      return records
    },
  },
  'next() and close()': {
    isInHand: true,
    read: async (one) => {
      const records = [await one.next(), await one.next(), await one.next()]
      await one.close()
      return records
    },
  },
}

const configs: Record<string, ConsumerConfig> = {
  'with automatic commits': {},
  'without them': { autoCommit: false },
  'a static member': { autoCommit: false, instanceId: 'one' },
}

describe.each(Object.entries(places))('records that are committed after reading has ended, on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: Consumer<string>[]

  beforeEach(async () => {
    clock = new ManualClock()
    made = []
    under = await place({ clock, heartbeatInterval: 50, defaultPartitions: 1 })
    await under.kafka.producer<string>('in').sendBatch(['a', 'b', 'c', 'd', 'e'])
  })
  afterEach(async () => {
    await passing(Promise.all(made.map((one) => one.close())))
    await under.close()
  })

  const passing = <T>(promise: Promise<T>): Promise<T> => inTime(promise, clock)

  function consumer(config: ConsumerConfig = {}): Consumer<string> {
    const runtime = { clock, random: seededRandom(made.length + 1) }
    const one = createConsumer<string>(under.transport, 'in', { group: 'g', runtime, ...config })
    made.push(one)
    return one
  }

  async function committed(): Promise<number> {
    return Math.max((await under.kafka.admin.describeGroup('g')).offsets[0]?.committed ?? 0, 0)
  }

  const cases = Object.keys(ends).flatMap((end) => Object.keys(configs).map((config) => ({ end, config })))

  describe.each(cases)('by $end, $config', ({ end, config }) => {
    const { isInHand, read } = ends[end] as (typeof ends)[string]
    const settings = configs[config] as ConsumerConfig
    const isAutomatic = settings.autoCommit !== false
    const before = isAutomatic ? (isInHand ? 2 : 3) : 0

    it('count while nobody else has the partition, one after the other, and never go back', async () => {
      const records = await passing(read(consumer(settings)))
      expect(await committed()).toBe(before)
      for (const [index, record] of records.entries()) {
        await passing(record.commit())
        expect(await committed()).toBe(Math.max(before, index + 1))
      }
      await passing(Promise.all(records.map((record) => record.commit())))
      expect(await committed()).toBe(3)
      if (settings.instanceId === undefined) expect((await passing(consumer(settings).next())).value).toBe('d')
    })

    it('are refused when another member has committed meanwhile, and change nothing', async () => {
      const records = await passing(read(consumer(settings)))
      const other = consumer({ instanceId: settings.instanceId })
      const [first] = await passing(collect(other.take(1)))
      const after = await committed()
      expect(after).toBe((first?.offset ?? -1) + 1)
      for (const record of records.slice(isAutomatic ? 2 : 0).filter(({ offset }) => offset >= after))
        await expect(passing(record.commit())).rejects.toBeInstanceOf(RebalanceInProgressError)
      expect(await committed()).toBe(after)
    })

    it('are refused while another member has the partition', async () => {
      const records = await passing(read(consumer(settings)))
      const other = consumer({ autoCommit: false, instanceId: settings.instanceId })
      await passing(other.next())
      for (const record of records.slice(before))
        await expect(passing(record.commit())).rejects.toMatchObject({ outcome: 'failed', retriable: false })
      expect(await committed()).toBe(before)
    })

    if (end !== 'next() and close()') {
      it('count when the same consumer reads again', async () => {
        const one = consumer(settings)
        const records = await passing(read(one))
        const again = await passing(one.next())
        expect(again.offset).toBe(before)
        for (const record of records) await passing(record.commit())
        expect(await committed()).toBe(3)
        await passing(one.close())
        expect(await committed()).toBe(3)
      })
    }
  })
})
