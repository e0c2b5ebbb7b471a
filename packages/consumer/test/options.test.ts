import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  DisconnectedError,
  fetch,
  intercept,
  InvalidRequestError,
  type RecordMetadata,
  seededRandom,
  SerializationError,
  type TopicPartition,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, deferred, places } from '../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../tests/passing-time.ts'

describe.each(Object.entries(places))('options of the consumer on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: Consumer<number>[]

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({ clock, heartbeatInterval: 100 })
    made = []
  })
  afterEach(async () => {
    under.faults.clear()
    await inTime(Promise.all(made.map((consumer) => consumer.close())), clock)
    await under.close()
  })

  /** A consumer whose clock stands still, unlike the engine's. */
  function consumer(config: ConsumerConfig = {}, topic = 'numbers'): Consumer<number> {
    const one = createConsumer<number>(under.transport, topic, {
      group: 'g',
      runtime: { clock, random: seededRandom(made.length + 1) },
      ...config,
    })
    made.push(one)
    return one
  }

  const requests = (operation: string): Record<string, unknown>[] =>
    under.requests.filter((request) => request.operation === operation).map(({ request }) => request)

  async function seed(count: number, partition = 0, from = 0): Promise<RecordMetadata[]> {
    const producer = under.kafka.producer('numbers')
    return producer.sendBatch(
      [...Array(count).keys()].map((index) => ({
        value: from + index,
        partition,
        timestamp: 1000 * (from + index + 1),
      })),
    )
  }

  async function values(one: Consumer<number>, count: number): Promise<number[]> {
    const records = await inTime(collect(one.take(count)), clock)
    return records.map(({ value }) => value)
  }

  async function committed(group = 'g', partition = 0): Promise<number | null | undefined> {
    const { offsets } = await under.kafka.admin.describeGroup(group)
    return offsets.find((offset) => offset.partition === partition)?.committed
  }

  it('offset: where a group without commits begins', async () => {
    await seed(5)
    expect(await values(consumer({ group: 'earliest', offset: 'earliest' }), 2)).toEqual([0, 1])
    expect(await values(consumer({ group: 'time', offset: { timestamp: 3500 } }), 2)).toEqual([3, 4])
    expect(await values(consumer({ group: 'date', offset: { timestamp: new Date(5000) } }), 1)).toEqual([4])
    const late = consumer({ group: 'latest', offset: 'latest' })
    const next = late.next()
    await until(() => late.assignment().length === 1, clock)
    await seed(1, 0, 100)
    expect((await inTime(next, clock)).value).toBe(100)
    expect(await values(consumer({ group: 'earliest', offset: 'latest' }), 2)).toEqual([2, 3])
  })

  it('group: without one all partitions are read and nothing is committed', async () => {
    await under.kafka.admin.createTopic('numbers', { partitions: 2 })
    await seed(2, 0)
    await seed(2, 1, 10)
    const one = consumer({ group: undefined })
    expect((await values(one, 4)).sort((left, right) => left - right)).toEqual([0, 1, 10, 11])
    expect(await values(consumer({ group: undefined, offset: { timestamp: 12_000 } }), 1)).toEqual([11])
    const [record] = await inTime(collect(one.take(1)), clock)
    await expect(record?.commit()).rejects.toThrow(/has no group, so there is nothing to commit to/)
    expect(requests('consumerGroupHeartbeat')).toEqual([])
    expect(requests('offsetCommit')).toEqual([])
  })

  it('autoCommit and autoCommitInterval: what has been processed is committed that often', async () => {
    await seed(5)
    const one = consumer({ autoCommitInterval: '2s' })
    await inTime(one.next(), clock)
    await inTime(one.next(), clock)
    await inTime(one.next(), clock)
    expect(requests('offsetCommit').length).toBe(0)
    clock.advance(2000)
    await until(() => requests('offsetCommit').length === 1)
    await until(async () => (await committed()) === 2)
  })

  it('autoCommit false: only what is said', async () => {
    await seed(5)
    const one = consumer({ autoCommit: false, autoCommitInterval: 10 })
    const first = await inTime(one.next(), clock)
    const second = await inTime(one.next(), clock)
    clock.advance(100)
    await turn()
    expect(requests('offsetCommit').length).toBe(0)
    await inTime(second.commit(), clock)
    await inTime(first.commit(), clock)
    expect(await committed()).toBe(2)
    await inTime(one.next(), clock)
    await inTime(one.close(), clock)
    expect(await committed()).toBe(2)
  })

  it('maxPollRecords: partitions take turns after so many records', async () => {
    await under.kafka.admin.createTopic('numbers', { partitions: 2 })
    await seed(10, 0)
    await seed(10, 1, 100)
    const one = consumer({ maxPollRecords: 3 })
    const first = await inTime(one.next(), clock)
    await until(() => one.health().partitions.length === 2, clock)
    await until(() => one.health().partitions.every(({ buffered }) => buffered > 0), clock)
    const order = [first.partition]
    for (let count = 0; count < 12; count++) order.push((await inTime(one.next(), clock)).partition)
    const changes = order.flatMap((partition, index) => (index > 0 && order[index - 1] !== partition ? [index] : []))
    const runs = changes.slice(1).map((change, index) => change - (changes[index] as number))
    expect(runs).toEqual(runs.map(() => 3))
    expect(runs.length).toBeGreaterThan(1)
  })

  it('fetchMinBytes, fetchMaxWaitMs, fetchMaxBytes, maxPartitionFetchBytes, isolation: what the server is asked', async () => {
    await seed(1)
    const options = { fetchMinBytes: 2, fetchMaxWaitMs: 30, fetchMaxBytes: 5000, maxPartitionFetchBytes: 700 }
    await values(consumer({ ...options, isolation: 'read_uncommitted' }), 1)
    expect(requests('fetch')[0]).toMatchObject({
      minBytes: 2,
      maxWaitMs: 30,
      maxBytes: 5000,
      isolationLevel: 'read_uncommitted',
      topics: [{ partitions: [{ partitionMaxBytes: 700 }] }],
    })
  })

  it('fetchMinBytes: an answer waits for as much, at most fetchMaxWaitMs', async () => {
    await seed(1)
    const one = consumer({ fetchMinBytes: 1500, fetchMaxWaitMs: 30_000 })
    let isThere = false
    const next = one.next().then((record) => {
      isThere = true
      return record
    })
    await until(() => requests('fetch').length === 1, clock)
    await turn()
    expect(isThere).toBe(false)
    await under.kafka.producer('numbers').send('x'.repeat(2000))
    expect((await inTime(next, clock)).value).toBe(0)
  })

  it('maxPartitionFetchBytes: no more than that is kept ahead', async () => {
    const producer = under.kafka.producer('numbers', { batchSize: 0, maxInFlight: 1 })
    for (let id = 0; id < 30; id++) await producer.send(`${id}`.padEnd(500))
    const one = consumer({ maxPartitionFetchBytes: 2000 })
    await inTime(one.next(), clock)
    const mostBuffered: number[] = []
    for (let count = 0; count < 29; count++) {
      mostBuffered.push(one.health().partitions[0]?.buffered ?? 0)
      await inTime(one.next(), clock)
    }
    expect(Math.max(...mostBuffered)).toBeLessThanOrEqual(6)
  })

  it('isolation: read_committed leaves out what is not committed', async () => {
    await under.kafka.transaction('numbers', (tx) => tx.send(1))
    await under.kafka
      .transaction('numbers', async (tx) => tx.send(2).then(() => Promise.reject(new Error('no'))))
      .catch(() => undefined)
    await under.kafka.transaction('numbers', (tx) => tx.send(3))
    expect(await values(consumer(), 2)).toEqual([1, 3])
    expect(await values(consumer({ group: 'u', isolation: 'read_uncommitted' }), 3)).toEqual([1, 2, 3])
  })

  it('heartbeatInterval: how often at first; afterwards the server says it', async () => {
    await seed(1)
    const one = consumer({ heartbeatInterval: '1s' })
    under.faults.failNext('consumerGroupHeartbeat', 'COORDINATOR_NOT_AVAILABLE')
    await inTime(one.next(), clock)
    const sent = requests('consumerGroupHeartbeat').length
    await until(() => requests('consumerGroupHeartbeat').length > sent, clock)
    expect(sent).toBeGreaterThan(1)
  })

  it('sessionTimeout: silence for that long means that the partitions are lost', async () => {
    await seed(3)
    const lost: TopicPartition[][] = []
    const one = consumer({ sessionTimeout: '5s', onLost: (partitions) => void lost.push([...partitions]) })
    await inTime(one.next(), clock)
    under.faults.atRandom({ lostRequest: 1, operations: ['consumerGroupHeartbeat'] })
    clock.advance(4000)
    await turn()
    expect(lost).toEqual([])
    await until(() => lost.length === 1, clock, 100)
    expect(lost).toEqual([[{ topic: 'numbers', partition: 0 }]])
    under.faults.clear()
    await until(() => one.assignment().length === 1, clock)
  })

  it('rebalanceTimeout, instanceId, assignor: what the group is told', async () => {
    await seed(1)
    await values(consumer({ rebalanceTimeout: '90s', instanceId: 'worker-1', assignor: 'range' }), 1)
    const [join] = requests('consumerGroupHeartbeat')
    expect(join).toMatchObject({
      rebalanceTimeoutMs: 90_000,
      instanceId: 'worker-1',
      serverAssignor: 'range',
      memberEpoch: 0,
    })
    expect(requests('consumerGroupHeartbeat').at(-1)?.['memberEpoch']).toBe(-2)
  })

  it('instanceId: a member that comes back has its partitions at once, and others do not get them meanwhile', async () => {
    await under.kafka.admin.createTopic('numbers', { partitions: 2 })
    await seed(1, 0)
    await seed(1, 1)
    const fixed = consumer({ instanceId: 'fixed', autoCommit: false })
    const other = consumer({ autoCommit: false })
    const reading = [fixed.next(), other.next()]
    await until(() => fixed.assignment().length === 1 && other.assignment().length === 1, clock)
    await Promise.allSettled(reading)
    const before = fixed.assignment()
    await inTime(fixed.close(), clock)
    const back = consumer({ instanceId: 'fixed', autoCommit: false })
    void back.next().catch(() => undefined)
    await until(() => back.assignment().length === 1, clock)
    expect(back.assignment()).toEqual(before)
    expect(other.assignment().length).toBe(1)
  })

  it('onAssigned and onRevoked: awaited before records are given out, and before the last commit', async () => {
    await seed(3)
    const steps: string[] = []
    const gate = deferred()
    const one = consumer({
      onAssigned: async (partitions) => {
        steps.push(`assigned ${partitions.length}`)
        await gate.promise
        steps.push('ready')
      },
      onRevoked: async () => {
        steps.push(`revoked, ${String(await committed())} committed`)
      },
    })
    const next = one.next().then(() => steps.push('record'))
    await until(() => steps.length === 1, clock)
    await turn()
    expect(steps).toEqual(['assigned 1'])
    gate.resolve()
    await inTime(next, clock)
    await inTime(one.next(), clock)
    await inTime(one.close(), clock)
    expect(steps).toEqual(['assigned 1', 'ready', 'record', 'revoked, null committed'])
    expect(await committed()).toBe(1)
  })

  it('onLost: tells what was taken away without a chance to commit', async () => {
    await seed(2)
    const lost: string[] = []
    const one = consumer({ onLost: (partitions) => void lost.push(...partitions.map(({ topic }) => topic)) })
    await inTime(one.next(), clock)
    under.faults.failNext('consumerGroupHeartbeat', 'UNKNOWN_MEMBER_ID')
    await until(() => lost.length === 1, clock, 50)
    expect(lost).toEqual(['numbers'])
    await until(() => one.assignment().length === 1, clock)
    expect((await inTime(one.next(), clock)).value).toBe(0)
  })

  it("onInvalid 'throw': ends the loop, with topic, partition and offset, and stays there", async () => {
    await seed(1)
    await under.kafka.producer('numbers').sendRaw(new TextEncoder().encode('{no json'))
    const read: number[] = []
    const loop = (async () => {
      for await (const record of consumer()) read.push(record.value)
    })()
    await expect(inTime(loop, clock)).rejects.toThrow(SerializationError)
    await expect(loop).rejects.toThrow(/topic 'numbers' partition 0 offset 1: the value is not valid/)
    expect(read).toEqual([0])
    expect(await committed()).toBe(1)
  })

  it("onInvalid 'skip': leaves the record out, and tells so", async () => {
    await seed(1)
    const producer = under.kafka.producer('numbers')
    await producer.sendRaw(new TextEncoder().encode('{no json'))
    await producer.send(2)
    const one = consumer({ onInvalid: 'skip' })
    const skipped: number[] = []
    one.on('invalid', ({ offset }) => skipped.push(offset))
    expect(await values(one, 2)).toEqual([0, 2])
    expect(skipped).toEqual([1])
    expect(await committed()).toBe(3)
  })

  it('onInvalid deadLetter: puts the record aside as it was before it counts as processed', async () => {
    await seed(1)
    const producer = under.kafka.producer('numbers')
    await producer.sendRaw(new TextEncoder().encode('{no json'), { key: 'k', headers: { trace: 't' } })
    await producer.send(2)
    under.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    expect(await values(consumer({ onInvalid: { deadLetter: 'numbers-dlq' } }), 2)).toEqual([0, 2])
    expect(await committed()).toBe(3)
    const [letter] = await collect(
      under.kafka
        .consumer('numbers-dlq', { group: 'd' })
        .map((record) => record)
        .take(1),
    )
    expect(new TextDecoder().decode(letter?.rawValue ?? undefined)).toBe('{no json')
    expect([letter?.key, letter?.headers]).toEqual([
      'k',
      {
        trace: 't',
        'original-topic': 'numbers',
        'original-partition': '0',
        'original-offset': '1',
        'original-timestamp': expect.stringMatching(/^\d+$/),
        error: expect.stringMatching(/^SerializationError: topic 'numbers' partition 0 offset 1/),
      },
    ])
  })

  it('onInvalid deadLetter: a topic that takes nothing ends reading, and the record is not passed over', async () => {
    await under.kafka.producer('numbers').sendRaw(new TextEncoder().encode('{no json'))
    under.faults.failNext('produce', 'TOPIC_AUTHORIZATION_FAILED')
    await expect(values(consumer({ onInvalid: { deadLetter: 'numbers-dlq' } }), 1)).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    expect((await committed()) ?? 0).toBeLessThanOrEqual(0)
  })

  it('closeTimeout: close() waits for a handler that does not end, and keeps time for leaving', async () => {
    await seed(2)
    const one = consumer({ closeTimeout: '8s' })
    const begun = deferred()
    const never = deferred()
    const reading = one.parallel({ concurrency: 1 }, async () => {
      begun.resolve()
      await never.promise
    })
    await inTime(begun.promise, clock)
    const startedMs = clock.now()
    await inTime(one.close(), clock, 100)
    expect(clock.now() - startedMs).toBeGreaterThanOrEqual(6000)
    expect(clock.now() - startedMs).toBeLessThanOrEqual(8000)
    expect((await committed()) ?? 0).toBeLessThanOrEqual(0)
    never.resolve()
    await inTime(reading, clock)
  })

  it.each([
    ['fails', () => Promise.reject(new Error('no'))],
    ['does not end', () => new Promise<void>(() => undefined)],
  ])('onRevoked that %s at the end keeps nothing from being committed', async (_what, onRevoked) => {
    await seed(3)
    const one = consumer({ onRevoked, closeTimeout: '8s' })
    for (const value of [0, 1, 2]) expect((await inTime(one.next(), clock)).value).toBe(value)
    void one.next().catch(() => undefined)
    const startedMs = clock.now()
    await inTime(one.close(), clock)
    expect(clock.now() - startedMs).toBeLessThanOrEqual(8000)
    expect(await committed()).toBe(3)
  })

  it('assign: a partition is read again when its topic, which was long gone, is made anew', async () => {
    for (const topic of ['numbers', 'others']) await under.kafka.admin.createTopic(topic, { partitions: 1 })
    const one = createConsumer<number>(under.transport, ['numbers', 'others'], {
      runtime: { clock, random: seededRandom(1) },
    })
    made.push(one)
    one.assign([
      { topic: 'numbers', partition: 0 },
      { topic: 'others', partition: 0 },
    ])
    const values: number[] = []
    const reading = one.forEach(({ value }) => values.push(value))
    await until(() => one.assignment().length === 2, clock)
    await under.kafka.admin.deleteTopic('numbers')
    await until(() => one.assignment().length === 1, clock)
    await under.kafka.admin.createTopic('numbers', { partitions: 1 })
    await seed(1)
    await until(() => values.length === 1, clock, 50)
    expect(one.health()).toMatchObject({ isHealthy: true, missingTopics: [] })
    await inTime(one.close(), clock)
    await reading
  })

  it('a fetch that is refused for good is not sent again, whoever waits for records', async () => {
    await seed(1)
    let refused = 0
    const transport = intercept(under.transport, (next) => (operation, request, options) => {
      if (operation !== fetch) return next(operation, request, options)
      if (!isClosed) return next(operation, request, options)
      // An endless loop of promises would never give the test its turn.
      if (++refused > 1000) return new Promise(() => undefined)
      return Promise.reject(new DisconnectedError('the engine is closed', { retriable: false, outcome: 'failed' }))
    })
    let isClosed = false
    const one = createConsumer<number>(transport, 'numbers', {
      group: 'g',
      fetchMaxWaitMs: 10,
      runtime: { clock, random: seededRandom(1) },
    })
    made.push(one)
    await inTime(one.next(), clock)
    isClosed = true
    await until(() => refused > 0, clock)
    for (let turns = 0; turns < 50; turns++) await turn()
    expect(refused).toBe(1)
    await expect(one.next()).rejects.toThrow(/the engine is closed/)
    expect(one.health().state).toBe('failed')
  })

  it('says what is wrong with an option', () => {
    const wrong =
      (config: object, topic: unknown = 'numbers'): (() => unknown) =>
      () =>
        createConsumer(under.transport, topic as string, config)
    expect(wrong({ group: 'g', maxPollRecords: 0 })).toThrow(/maxPollRecords must be a whole number from 1 up, got 0/)
    expect(wrong({ group: 'g', offset: 'begin' })).toThrow(/offset must be 'earliest', 'latest' or \{ timestamp \}/)
    expect(wrong({ group: 'g', onInvalid: 'ignore' })).toThrow(/onInvalid must be/)
    expect(wrong({ group: 'g', onInvalid: { deadLetter: 'no topic' } })).toThrow(/not a valid topic name/)
    expect(wrong({ group: 'g', heartbeatMs: 1 })).toThrow(/heartbeatMs/)
    expect(wrong({ group: 'g' }, [])).toThrow(/at least one topic/)
    expect(wrong({ group: 'g', sessionTimeout: 'soon' })).toThrow(InvalidRequestError)
  })
})
