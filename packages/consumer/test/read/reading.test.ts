import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  deadLetter,
  type KafkaRecord,
  RebalanceInProgressError,
  seededRandom,
  type TopicSelection,
  topicsMatching,
  topicsWithPrefix,
  withRetry,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, deferred, places } from '../../../../tests/clients/client-places.ts'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'

describe.each(Object.entries(places))('reading on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: Consumer<number>[]

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({ clock, heartbeatInterval: 100 })
    made = []
  })
  afterEach(async () => {
    await inTime(Promise.all(made.map((consumer) => consumer.close())), clock)
    await under.close()
  })

  function consumer(
    topics: TopicSelection<number> | TopicSelection<number>[] = 'numbers',
    config: ConsumerConfig = {},
  ): Consumer<number> {
    const runtime = { clock, random: seededRandom(made.length + 1) }
    const one = createConsumer<number>(under.transport, topics, { group: 'g', runtime, ...config })
    made.push(one)
    return one
  }

  const seed = (count: number, topic = 'numbers', partition = 0, from = 0): Promise<unknown> =>
    under.kafka.producer<number>(topic).sendBatch(
      [...Array(count).keys()].map((index) => ({
        value: from + index,
        partition,
        timestamp: 1000 * (from + index + 1),
      })),
    )

  const valuesOf = (records: readonly KafkaRecord<number>[]): number[] => records.map(({ value }) => value)

  async function values(one: Consumer<number>, count: number): Promise<number[]> {
    return valuesOf(await inTime(collect(one.take(count)), clock))
  }

  const next = async (one: Consumer<number>): Promise<number> => (await inTime(one.next(), clock)).value

  async function committed(topic = 'numbers'): Promise<number> {
    const { offsets } = await under.kafka.admin.describeGroup('g')
    return Math.max(offsets.find((offset) => offset.topic === topic)?.committed ?? 0, 0)
  }

  describe('topics', () => {
    it('several, by name', async () => {
      await seed(2, 'a')
      await seed(2, 'b', 0, 10)
      expect((await values(consumer(['a', 'b']), 4)).sort((x, y) => x - y)).toEqual([0, 1, 10, 11])
    })

    it('by prefix, also those that are made later', async () => {
      await seed(1, 'orders.eu', 0, 1)
      await seed(1, 'ordersXeu', 0, 99)
      const one = consumer(topicsWithPrefix('orders.', { value: 'json' }) as TopicSelection<number>)
      expect(await next(one)).toBe(1)
      await seed(1, 'orders.us', 0, 2)
      expect(await next(one)).toBe(2)
      expect(
        one
          .assignment()
          .map(({ topic }) => topic)
          .sort(),
      ).toEqual(['orders.eu', 'orders.us'])
    })

    it('by expression, beside one by name, each with its types', async () => {
      await under.kafka.produce('log-1', 'text as JSON')
      await seed(1, 'numbers', 0, 7)
      await seed(1, 'other', 0, 99)
      const one = consumer([/^log-\d$/, 'numbers'])
      expect([await next(one), await next(one)].map(String).sort()).toEqual(['7', 'text as JSON'])
      const raw = consumer(topicsMatching(/LOG/i, { value: 'bytes' }) as unknown as TopicSelection<number>, {
        group: 'r',
      })
      expect(await next(raw)).toEqual(new TextEncoder().encode('"text as JSON"'))
    })

    it('by expression without a group', async () => {
      await seed(1, 'log-1', 0, 1)
      await seed(1, 'log-2', 0, 2)
      expect((await values(consumer(/^log-/, { group: undefined }), 2)).sort((x, y) => x - y)).toEqual([1, 2])
    })

    it('an expression that RE2 does not have is refused with its text', async () => {
      await expect(next(consumer(/(?=a)b/))).rejects.toMatchObject({
        code: 'INVALID_REGULAR_EXPRESSION',
        retriable: false,
      })
      expect(() => topicsWithPrefix('a*')).toThrow(/begins no topic name/)
    })
  })

  describe('assign', () => {
    it('reads the partitions that were chosen, from an offset where one is given', async () => {
      await under.kafka.admin.createTopic('numbers', { partitions: 3 })
      for (const partition of [0, 1, 2]) await seed(3, 'numbers', partition, partition * 10)
      const one = consumer('numbers', { group: undefined })
      one.assign([
        { topic: 'numbers', partition: 2, offset: 1 },
        { topic: 'numbers', partition: 0 },
      ])
      expect((await values(one, 5)).sort((x, y) => x - y)).toEqual([0, 1, 2, 21, 22])
    })

    it('with a group: commits and goes on there, without being its member', async () => {
      await seed(4)
      const first = consumer()
      first.assign([{ topic: 'numbers', partition: 0 }])
      expect(await values(first, 2)).toEqual([0, 1])
      expect(await committed()).toBe(2)
      const second = consumer()
      second.assign([{ topic: 'numbers', partition: 0 }])
      expect(await next(second)).toBe(2)
      expect((await under.kafka.admin.describeGroup('g')).members).toEqual([])
    })

    it('comes before reading, and names topics that the consumer was made for', async () => {
      await seed(1)
      const one = consumer()
      await next(one)
      expect(() => one.assign([{ topic: 'numbers', partition: 0 }])).toThrow(/before reading begins/)
      const other = consumer('numbers', { group: 'h' })
      other.assign([{ topic: 'elsewhere', partition: 0 }])
      await expect(next(other)).rejects.toThrow(/'elsewhere' is assigned, but the consumer was not made for it/)
    })
  })

  describe('position', () => {
    it('seek: goes on at another offset, back and forth', async () => {
      await seed(10)
      const one = consumer()
      expect([await next(one), await next(one)]).toEqual([0, 1])
      one.seek({ topic: 'numbers', partition: 0, offset: 7 })
      expect([await next(one), await next(one)]).toEqual([7, 8])
      one.seek({ topic: 'numbers', partition: 0, offset: 3 })
      expect(await next(one)).toBe(3)
      await inTime(one.commit(), clock)
      expect(await committed(), 'where to go on, the record in hand not included').toBe(3)
      expect(await next(one)).toBe(4)
      await inTime(one.commit(), clock)
      expect(await committed()).toBe(4)
    })

    it('seek: before reading begins it is kept, whatever is committed', async () => {
      await seed(10)
      expect(await values(consumer(), 2)).toEqual([0, 1])
      const one = consumer()
      one.seek({ topic: 'numbers', partition: 0, offset: 6 })
      expect(await next(one)).toBe(6)
      expect(() => one.seek({ topic: 'numbers', partition: 9, offset: 0 })).toThrow(RebalanceInProgressError)
      expect(() => one.seek({ topic: 'numbers', partition: 0, offset: -1 })).toThrow(/whole number from 0 up/)
    })

    it('seekToTimestamp: live, and before reading begins', async () => {
      await seed(10)
      const one = consumer()
      await one.seekToTimestamp(new Date(4500))
      expect(await next(one)).toBe(4)
      await inTime(one.seekToTimestamp(8000), clock)
      expect(await next(one)).toBe(7)
      await inTime(one.seekToTimestamp(1_000_000), clock)
      await seed(1, 'numbers', 0, 100)
      expect(await next(one)).toBe(100)
      await expect(one.seekToTimestamp(Number.NaN)).rejects.toThrow(
        /seekToTimestamp must be a valid Date or whole milliseconds/,
      )
    })

    it('pause and resume: by partition', async () => {
      await under.kafka.admin.createTopic('numbers', { partitions: 2 })
      await seed(5, 'numbers', 0)
      await seed(5, 'numbers', 1, 100)
      const one = consumer('numbers', { maxPollRecords: 1 })
      await next(one)
      one.pause([{ topic: 'numbers', partition: 0 }])
      const rest: number[] = []
      for (let count = 0; count < 4; count++) rest.push(await next(one))
      expect(rest.filter((value) => value < 100).length).toBe(0)
      one.pause()
      one.resume([{ topic: 'numbers', partition: 0 }])
      expect(await next(one)).toBeLessThan(100)
      expect(one.assignment().length).toBe(2)
    })

    it('lag: what lies behind the position', async () => {
      await seed(10)
      const one = consumer()
      expect(one.lag()).toEqual([])
      await next(one)
      expect(one.lag()).toEqual([{ topic: 'numbers', partition: 0, lag: 9 }])
      await next(one)
      expect(one.health().totalLag).toBe(8)
    })
  })

  describe('streams of records', () => {
    it('filter, map and take: lazy, chained, and what is left out counts as processed', async () => {
      await seed(10)
      const even = consumer()
        .filter(({ value }) => value % 2 === 0)
        .map(async ({ value }) => Promise.resolve(value * 10))
        .take(3)
      expect(under.requests.some(({ operation }) => operation === 'consumerGroupHeartbeat')).toBe(false)
      expect(await inTime(collect(even), clock)).toEqual([0, 20, 40])
      expect(await committed()).toBe(5)
    })

    it('break: the record in hand is not processed, unless it was committed', async () => {
      await seed(5)
      const one = consumer()
      const read = (until: number, commits: boolean): Promise<void> =>
        inTime(
          (async () => {
            for await (const record of one) {
              if (record.value !== until) continue
              if (commits) await record.commit()
              break
            }
          })(),
          clock,
        )
      await read(1, false)
      expect(await committed()).toBe(1)
      await read(3, true)
      expect(await committed()).toBe(4)
    })

    it('batches: full ones, and what there is after a time', async () => {
      await seed(7)
      const one = consumer()
      const sizes: number[] = []
      const seen: number[] = []
      const reading = (async () => {
        for await (const batch of one.batches({ size: 3, timeout: '5s' })) {
          sizes.push(batch.size)
          seen.push(...valuesOf(batch.records))
          if (seen.length === 7) {
            await batch.commit()
            break
          }
        }
      })()
      await until(() => sizes.length === 2, clock)
      await pass(4000, clock)
      expect(sizes).toEqual([3, 3])
      await inTime(reading, clock, 100)
      expect(sizes).toEqual([3, 3, 1])
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(await committed()).toBe(7)
      expect(() => one.batches({ size: 0, timeout: 1 })).toThrow(/size of a batch/)
    })

    it('forEach with withRetry and deadLetter: tries again, then puts aside with where it comes from', async () => {
      await seed(4)
      const attempts: number[] = []
      const handle = ({ value }: KafkaRecord<number>): void => {
        attempts.push(value)
        if (value === 1 && attempts.filter((one) => one === 1).length < 3) throw new Error('not yet')
        if (value === 2) throw new RangeError('never')
      }
      const runtime = { clock, random: seededRandom(1) }
      const one = consumer()
      const reading = one.forEach(
        withRetry(handle, { attempts: 3, backoff: '1s', maxBackoff: '30s', jitter: 0.1, runtime }),
        {
          onFailure: deadLetter(under.kafka.producer<number>('numbers-dlq')),
        },
      )
      await until(() => attempts.at(-1) === 3, clock, 50)
      await inTime(one.close(), clock)
      await inTime(reading, clock)
      expect(attempts).toEqual([0, 1, 1, 1, 2, 2, 2, 3])
      expect(await committed()).toBe(4)
      const [letter] = await collect(under.kafka.consumer('numbers-dlq', { group: 'd' }).take(1))
      expect(letter?.toJSON()).toMatchObject({
        value: 2,
        headers: {
          'original-topic': 'numbers',
          'original-partition': '0',
          'original-offset': '2',
          error: 'RangeError: never',
        },
      })
    })

    it('deadLetter of batches: every record of it', async () => {
      await seed(3)
      const one = consumer()
      const reading = one
        .batches({ size: 3, timeout: 1000 })
        .take(1)
        .forEach(() => Promise.reject(new Error('the whole batch')), {
          onFailure: deadLetter(under.kafka.producer<number>('numbers-dlq')),
        })
      await inTime(reading, clock)
      expect((await collect(under.kafka.consumer<number>('numbers-dlq', { group: 'd' }).take(3))).length).toBe(3)
      expect(await committed()).toBe(3)
    })

    it('forEach without onFailure: ends with the error, and the record is read again', async () => {
      await seed(2)
      const one = consumer()
      const failing = one.forEach(({ value }) => {
        if (value === 1) throw new RangeError('no')
      })
      await expect(inTime(failing, clock)).rejects.toThrow(new RangeError('no'))
      expect(await committed()).toBe(1)
      expect(await next(one)).toBe(1)
    })

    it('goes on after a failed fetch also where timers fire a little early', async () => {
      await seed(2)
      const early = {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        schedule: (ms: number, act: () => void) => clock.schedule(ms - 2, act),
      }
      const one = consumer('numbers', { runtime: { clock: early, random: seededRandom(1) } })
      for (let count = 0; count < 3; count++) under.faults.failNext('fetch', 'NOT_LEADER_OR_FOLLOWER')
      under.faults.loseRequest('fetch')
      expect([await next(one), await next(one)]).toEqual([0, 1])
    })

    it('close: ends a loop that waits, and next()', async () => {
      await seed(1)
      const one = consumer()
      await next(one)
      const waiting = one.next()
      const ended = expect(waiting).rejects.toThrow(/the consumer is closed/)
      await inTime(one.close(), clock)
      await ended
      await expect(one.next()).rejects.toMatchObject({ code: 'DISCONNECTED', retriable: false })
      expect(await collect(one)).toEqual([])
      expect(clock.pendingTimers).toBe(under.engineTimers())
    })
  })

  describe('what it tells', () => {
    it('events: assigned, committed, revoked', async () => {
      await seed(2)
      const one = consumer()
      const events: string[] = []
      one.on('assigned', ({ partitions }) => events.push(`assigned ${partitions.length}`))
      one.on('revoked', ({ partitions }) => events.push(`revoked ${partitions.length}`))
      one.on('committed', ({ offsets }) => events.push(`committed ${offsets.map(({ offset }) => offset).join()}`))
      const off = one.on('committed', () => events.push('not any more'))
      off()
      await values(one, 2)
      expect(events).toEqual(['assigned 1', 'revoked 1', 'committed 2'])
    })

    it('health: from idle to closed', async () => {
      await seed(3)
      const one = consumer()
      expect(one.health()).toMatchObject({ state: 'idle', isHealthy: true, group: 'g', partitions: [] })
      const first = one.next()
      expect(one.health().state).toBe('joining')
      await inTime(first, clock)
      expect(one.health()).toMatchObject({
        state: 'running',
        isHealthy: true,
        memberEpoch: expect.any(Number),
        partitions: [
          { topic: 'numbers', partition: 0, position: 1, buffered: 2, unfinished: 1, lag: 2, isPaused: false },
        ],
      })
      clock.advance(500)
      expect(one.health().heartbeatAgeMs).toBeLessThan(700)
      under.faults.failNext('consumerGroupHeartbeat', 'GROUP_AUTHORIZATION_FAILED')
      await until(() => one.health().state === 'failed', clock, 50)
      expect(one.health()).toMatchObject({ isHealthy: false, error: { code: 'UNAUTHORIZED' } })
      await inTime(one.close(), clock)
      expect(one.health().state).toBe('closed')
    })

    it('stalled: a handler that does not end', async () => {
      await seed(2)
      const one = consumer('numbers', { stallTimeout: '20s' })
      const stalls: unknown[] = []
      one.on('stalled', (stall) => stalls.push(stall))
      await next(one)
      await pass(40_000, clock, 1000)
      expect(stalls).toEqual([
        { reason: 'handler', durationMs: expect.any(Number), topic: 'numbers', partition: 0, offset: 0 },
      ])
      expect(one.health().isHealthy).toBe(false)
      expect(one.health().stalls.map(({ reason }) => reason)).toEqual(['handler'])
      await next(one)
      await until(() => one.health().stalls.length === 0, clock)
    })

    it('stalled: a server that answers no fetch, and no heartbeat', async () => {
      await seed(1)
      const one = consumer('numbers', {
        stallTimeout: '4s',
        sessionTimeout: '60s',
        autoCommit: false,
        fetchMaxWaitMs: 10,
      })
      const reasons = new Set<string>()
      one.on('stalled', ({ reason }) => reasons.add(reason))
      const record = await inTime(one.next(), clock)
      await inTime(record.commit(), clock)
      void one.next().catch(() => undefined)
      under.faults.atRandom({ lostRequest: 1, operations: ['fetch', 'consumerGroupHeartbeat'] })
      await until(() => reasons.size === 2, clock, 100)
      expect([...reasons].sort()).toEqual(['fetch', 'heartbeat'])
      under.faults.clear()
      await until(() => one.health().isHealthy, clock, 100)
    })

    it('stalled: records that nobody asks for, but not a paused partition', async () => {
      await seed(5)
      const one = consumer('numbers', { stallTimeout: '4s' })
      const stalls: unknown[] = []
      one.on('stalled', (stall) => stalls.push(stall))
      await inTime((await inTime(one.next(), clock)).commit(), clock)
      one.pause()
      await pass(10_000, clock, 1000)
      expect(stalls).toEqual([])
      one.resume()
      await pass(10_000, clock, 1000)
      expect(stalls).toEqual([
        { reason: 'reader', durationMs: expect.any(Number), topic: 'numbers', partition: 0, offset: 1 },
      ])
    })

    it('stalled: something that blocks the event loop', async () => {
      await seed(1)
      const one = consumer('numbers', { stallTimeout: '4s' })
      const blocked = deferred<{ reason: string; durationMs: number }>()
      // As a heartbeat that falls due meanwhile is late as well.
      one.on('stalled', (stall) => {
        if (stall.reason === 'event-loop') blocked.resolve(stall)
      })
      await next(one)
      // A clock that stands still fires a timer when it is due, so lateness has to be made: time jumps while nothing
      // runs.
      const { monotonic } = clock
      clock.monotonic = () => monotonic.call(clock) + 9000
      clock.advance(1000)
      clock.monotonic = monotonic
      expect(await blocked.promise).toMatchObject({ reason: 'event-loop', durationMs: 9000 })
    })
  })
})
