import { setImmediate as turn } from 'node:timers/promises'
import { codeOf, intercept, type Interceptor, type KafkaErrorName, type ResponseOf } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { ManualClock } from '@kafkado/testing'
import { Harness, TestProducer } from '@kafkado/testing/conformance'
import { type Consumer, type ConsumerConfig, createConsumer, seededRandom, type Transport } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, deferred, places } from '../../../../tests/clients/client-places.ts'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink } from '../../../../tests/clients/unreliable-link.ts'

const commits = named('offsetCommit')

/** Puts an error for each partition into the answers of an operation, as long as the list has errors. */
function refusing(operationName: string, errors: KafkaErrorName[], nothing: object): Interceptor {
  return (next) => async (operation, request, options) => {
    if (operation.name !== operationName) return next(operation, request, options)
    const error = errors.shift()
    if (error === undefined) return next(operation, request, options)
    const { topics } = request as unknown as { topics: { topic: string; partitions: unknown[] }[] }
    const numberOf = (one: unknown): number =>
      typeof one === 'number' ? one : (one as { readonly partition: number }).partition
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((one) => ({
          partition: numberOf(one),
          errorCode: codeOf(error),
          errorMessage: null,
          ...nothing,
        })),
      })),
    } as ResponseOf<typeof operation>
  }
}

describe.each(Object.entries(places))('commits and where reading begins, on %s', (_name, place) => {
  let under: ClientUnderTest
  let link: UnreliableLink
  let clock: ManualClock
  let made: Consumer<number>[]

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({ clock, heartbeatInterval: 100 })
    link = new UnreliableLink(under.transport, clock)
    made = []
    await under.kafka.admin.createTopic('numbers', { partitions: 1 })
    for (const value of [0, 1, 2, 3, 4]) await under.kafka.produce('numbers', value, { timestamp: value * 1000 })
  })
  afterEach(async () => {
    link.restore()
    under.faults.clear()
    await inTime(Promise.all(made.map((consumer) => consumer.close())), clock)
    await under.close()
  })

  function consumer(config: ConsumerConfig = {}, transport: Transport = link.transport): Consumer<number> {
    const runtime = { clock, random: seededRandom(made.length + 1) }
    const one = createConsumer<number>(transport, 'numbers', { group: 'g', autoCommit: false, runtime, ...config })
    made.push(one)
    return one
  }

  const committed = async (): Promise<number | null | undefined> =>
    (await under.kafka.admin.describeGroup('g')).offsets[0]?.committed
  const sent = (): unknown[] =>
    link.requests
      .filter(({ operation }) => operation === 'offsetCommit')
      .map(({ request }) => {
        const [topic] = request['topics'] as { partitions: { committedOffset: number }[] }[]
        return topic?.partitions[0]?.committedOffset
      })

  it('one follows the other, so that a later one is not overtaken', async () => {
    const one = consumer()
    const first = await inTime(one.next(), clock)
    const held = link.holdNext(commits)
    const committing = [first.commit()]
    await inTime(held.reached, clock)
    const second = await inTime(one.next(), clock)
    committing.push(second.commit(), one.commit())
    for (let turns = 0; turns < 20; turns++) await turn()
    expect(sent()).toEqual([1])
    held.release()
    await inTime(Promise.all(committing), clock)
    expect(sent()).toEqual([1, 2])
    expect(await committed()).toBe(2)
  })

  it.each(['record.commit()', 'consumer.commit()'])(
    '%s that is tried again after the partition was lost and came back changes nothing',
    async (how) => {
      const one = consumer({ sessionTimeout: '10s' })
      const record = await inTime(one.next(), clock)
      let isLost = false
      one.on('lost', () => (isLost = true))
      link.fail(commits)
      const commit = (how === 'record.commit()' ? record.commit() : one.commit()).then(
        () => 'committed',
        () => 'refused',
      )
      await until(() => sent().length > 0, clock)
      under.faults.failNext('consumerGroupHeartbeat', 'UNKNOWN_MEMBER_ID')
      await until(() => isLost && one.assignment().length > 0, clock)
      link.restore()
      const outcome = await inTime(commit, clock)
      if (how === 'record.commit()') expect(outcome).toBe('refused')
      expect((await committed()) ?? -1).toBe(-1)
      expect((await inTime(one.next(), clock)).value).toBe(0)
    },
  )

  type Read = (one: Consumer<number>, handle: (value: number) => Promise<void>) => Promise<unknown>
  const loops: Record<string, Read> = {
    forEach: (one, handle) => one.forEach(({ value }) => handle(value)),
    'for await': async (one, handle) => {
      for await (const { value } of one) await handle(value)
    },
    'parallel()': (one, handle) => one.parallel({ concurrency: 2 }, ({ value }) => handle(value)),
  }
  it.each(Object.entries(loops))(
    'a partition goes to another member when the record in hand is finished and committed: %s',
    async (_loop, read) => {
      const [inHand, finished] = [deferred(), deferred()]
      // The first member by name gets the only partition.
      const called = (name: string): ConsumerConfig => ({
        assignor: 'range',
        autoCommit: true,
        runtime: { clock, random: { next: () => 0.5, uuid: () => name } },
      })
      const one = consumer(called('b'))
      const reading = read(one, async (value) => {
        if (value < 1) return
        inHand.resolve()
        await finished.promise
      })
      await inTime(inHand.promise, clock)
      const other = consumer(called('a'))
      const seen: number[] = []
      const others = other.forEach(({ value }) => void seen.push(value))
      const endMs = clock.monotonic() + 3000
      await until(() => clock.monotonic() > endMs, clock)
      expect([seen, other.assignment()]).toEqual([[], []])
      finished.resolve()
      await until(() => seen.length > 0, clock)
      expect(seen[0]).toBeGreaterThanOrEqual(2)
      await inTime(Promise.all([one.close(), other.close()]), clock)
      await Promise.all([reading, others])
    },
  )

  it('a partition that is about to go gives out nothing more, also when it is moved meanwhile', async () => {
    const [inHand, finished] = [deferred(), deferred()]
    const called = (name: string): ConsumerConfig => ({
      assignor: 'range',
      autoCommit: true,
      runtime: { clock, random: { next: () => 0.5, uuid: () => name } },
    })
    const one = consumer(called('b'))
    const given: number[] = []
    const reading = one.forEach(async ({ value }) => {
      given.push(value)
      if (value < 1) return
      inHand.resolve()
      await finished.promise
    })
    await inTime(inHand.promise, clock)
    const other = consumer(called('a'))
    const seen: number[] = []
    const others = other.forEach(({ value }) => void seen.push(value))
    await pass(3000, clock)
    one.seek({ topic: 'numbers', partition: 0, offset: 0 })
    // Long enough for a fetch from the new position.
    await pass(1000, clock)
    finished.resolve()
    await until(() => seen.length > 0 || given.length > 2, clock)
    expect(given).toEqual([0, 1])
    await inTime(Promise.all([one.close(), other.close()]), clock)
    await Promise.all([reading, others])
  })

  it('what the group refuses is not told to be committed, and is committed the next time', async () => {
    const errors: KafkaErrorName[] = ['GROUP_AUTHORIZATION_FAILED']
    const one = consumer({}, intercept(link.transport, refusing('offsetCommit', errors, {})))
    const told: number[] = []
    one.on('committed', ({ offsets }) => told.push(...offsets.map(({ offset }) => offset)))
    const record = await inTime(one.next(), clock)
    await expect(inTime(record.commit(), clock)).rejects.toMatchObject({ outcome: 'failed', retriable: false })
    expect([told, (await committed()) ?? -1]).toEqual([[], -1])
    await inTime(record.commit(), clock)
    expect([told, await committed()]).toEqual([[1], 1])
  })

  const passing = ['UNSTABLE_OFFSET_COMMIT', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR'] as const
  it.each(passing)('a group goes on where it was when its offsets are refused for now (%s)', async (error) => {
    const before = consumer()
    for (let count = 0; count < 3; count++) await (await inTime(before.next(), clock)).commit()
    await inTime(before.close(), clock)
    const nothing = { committedOffset: -1, committedLeaderEpoch: -1, metadata: null }
    const one = consumer({}, intercept(link.transport, refusing('offsetFetch', [error, error], nothing)))
    expect((await inTime(one.next(), clock)).value).toBe(3)
  })

  it('a reader of committed records begins where a transaction that is open has come to when it ends', async () => {
    const producer = await new TestProducer(new Harness(under.transport, 'begin')).init()
    await producer.commitOffset('g', 'numbers', 3)
    const one = consumer({ isolation: 'read_committed' })
    let isRead = false
    const next = one.next().finally(() => (isRead = true))
    await until(() => one.assignment().length > 0, clock)
    const endMs = clock.monotonic() + 2000
    await until(() => clock.monotonic() > endMs, clock)
    expect(isRead).toBe(false)
    await producer.end(true)
    expect((await inTime(next, clock)).value).toBe(3)
  })

  it.each<[string, ConsumerConfig['offset'], number]>([
    ['earliest', 'earliest', 3],
    ['latest', 'latest', 5],
    ['a time', { timestamp: 4000 }, 4],
  ])('whose position was deleted goes on where `offset` says: %s', async (_what, offset, value) => {
    const one = consumer({ offset })
    one.seek({ topic: 'numbers', partition: 0, offset: 1 })
    await under.kafka.admin.deleteRecords('numbers', 3)
    const next = one.next()
    const fetched = (): number => link.requests.filter(({ operation }) => operation === 'fetch').length
    await until(() => fetched() > 2, clock)
    await under.kafka.produce('numbers', 5)
    expect((await inTime(next, clock)).value).toBe(value)
  })

  it('records that were damaged on the way are told, with where they are', async () => {
    const damaging: Interceptor = (next) => async (operation, request, options) => {
      const response = await next(operation, request, options)
      if (operation.name !== 'fetch') return response
      const copy = structuredClone(response) as { topics: { partitions: { records: Uint8Array }[] }[] }
      for (const { partitions } of copy.topics)
        for (const { records } of partitions) if (records.length > 0) records[records.length - 1] = 0x7f
      return copy as ResponseOf<typeof operation>
    }
    const one = consumer({}, intercept(link.transport, damaging))
    const offsets: number[] = []
    const readOn = async (): Promise<void> => {
      for (;;) offsets.push(((await inTime(one.next(), clock)) as { offset: number }).offset)
    }
    const told = await readOn().catch((error: unknown) => (error as Error).message)
    // The records before the damaged one are given out first.
    expect(told).toContain(`topic 'numbers' partition 0: the records from offset ${offsets.length} on`)
    expect(offsets).toEqual(offsets.map((_, index) => index))
  })

  it('a session counts from when the heartbeat was sent, as the group counts from when it came', async () => {
    const answerMs = 600
    let sentMs = 0
    const slow: Interceptor = (next) => async (operation, request, options) => {
      if (operation.name !== 'consumerGroupHeartbeat') return next(operation, request, options)
      const nowMs = clock.monotonic()
      const response = await next(operation, request, options)
      sentMs = nowMs
      await sleep(clock, answerMs)
      return response
    }
    const one = consumer({ sessionTimeout: '3s' }, intercept(link.transport, slow))
    await inTime(one.next(), clock)
    let lostMs: number | undefined
    one.on('lost', () => (lostMs = clock.monotonic()))
    link.silence(named('consumerGroupHeartbeat'))
    await until(() => lostMs !== undefined, clock)
    expect((lostMs as number) - sentMs).toBeLessThanOrEqual(3000)
  })
})
