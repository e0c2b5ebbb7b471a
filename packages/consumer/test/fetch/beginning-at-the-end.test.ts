import { ManualClock } from '@kafkado/testing'
import { type Consumer, type ConsumerConfig, createConsumer, createTransactionalProducer, seededRandom } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink } from '../../../../tests/clients/unreliable-link.ts'

const starts = ['latest', 'timestamp'] as const
const ends = ['close()', 'a crash', 'a rebalance'] as const
const commits = ['automatic commits', 'commit()', 'commit() with the record in hand', 'transactions'] as const
const clockSteps = [0, -1, 1, -24, 24]

describe.each(Object.entries(places))('a group that begins at the end, on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: { close(): Promise<unknown> }[]

  beforeEach(async () => {
    clock = new ManualClock()
    made = []
    const runtime = { clock, random: seededRandom(1) }
    under = await place({ runtime, heartbeatInterval: 200, sessionTimeout: '1s', defaultPartitions: 2 })
  })
  afterEach(async () => {
    await passing(Promise.all(made.map((one) => one.close())))
    await passing(under.close())
  })

  const passing = <T>(promise: Promise<T>): Promise<T> => inTime(promise, clock, 20)
  /** The timestamp is old, so that a search by time would not find the record. */
  const write = (value: string, partition: number): Promise<unknown> =>
    passing(under.kafka.produce('in', value, { partition, timestamp: 1000 }))

  class Member {
    readonly link = new UnreliableLink(under.transport, clock)
    readonly consumer: Consumer<string>
    readonly values: string[] = []
    readonly ended: Promise<unknown>

    constructor(config: ConsumerConfig, handle: (consumer: Consumer<string>) => unknown) {
      const runtime = { clock, random: seededRandom(made.length + 2) }
      this.consumer = createConsumer<string>(this.link.transport, 'in', {
        group: 'g',
        sessionTimeout: '1s',
        closeTimeout: '1s',
        runtime,
        ...config,
      })
      made.push(this.consumer)
      this.ended = this.consumer.forEach(async (record) => {
        await handle(this.consumer)
        this.values.push(record.value)
      })
    }

    async owns(count: number): Promise<void> {
      await until(
        () => {
          const { partitions } = this.consumer.health()
          return partitions.length === count && partitions.every(({ position }) => position !== undefined)
        },
        clock,
        20,
      )
    }
  }

  const cases = starts
    .flatMap((start) => ends.flatMap((end) => commits.map((by) => ({ start, end, by }))))
    .map((one, index) => ({ ...one, hours: clockSteps[index % clockSteps.length] as number }))

  it.each(cases)(
    '$start: skips nothing of an idle partition over $end, with $by, clock set by $hours h',
    async (one) => {
      await write('before', 0)
      await write('before', 1)
      const runtime = { clock, random: seededRandom(99) }
      const producer = createTransactionalProducer(under.transport, {
        transactionalId: 'one',
        transactionTimeout: '15m',
        runtime,
      })
      made.push(producer)
      const config: ConsumerConfig = {
        offset: one.start === 'latest' ? 'latest' : { timestamp: clock.now() },
        autoCommit: one.by === 'automatic commits',
      }
      const handle = async (consumer: Consumer<string>): Promise<void> => {
        if (one.by === 'commit() with the record in hand') await consumer.commit()
        if (one.by === 'transactions') await producer.transaction((tx) => tx.commitOffsets(consumer))
      }
      const first = new Member(config, handle)
      await first.owns(2)
      await write('read', 0)
      await until(() => first.values.length === 1, clock, 20)
      if (one.by === 'commit()') await passing(first.consumer.commit())
      clock.adjust(one.hours * 3_600_000)
      let second: Member
      if (one.end === 'a rebalance') {
        second = new Member(config, handle)
        const asks = second.link.holdNext(named('offsetFetch'))
        await passing(asks.reached)
        await write('x', 0)
        await write('y', 1)
        asks.release()
      } else {
        if (one.end === 'close()') await passing(first.consumer.close())
        else first.link.silence(() => true)
        await until(async () => (await under.kafka.admin.describeGroup('g')).members.length === 0, clock, 20)
        await write('x', 0)
        await write('y', 1)
        second = new Member(config, handle)
      }
      const values = (): string[] => [...first.values, ...second.values].sort()
      await until(() => ['x', 'y'].every((value) => values().includes(value)), clock, 20)
      // An uncommitted record is read once more.
      const isRepeated = one.by.endsWith('in hand') || (one.end === 'a crash' && one.by === 'automatic commits')
      expect(isRepeated ? [...new Set(values())] : values()).toEqual(['read', 'x', 'y'])
    },
  )
})
