import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { readRecordBatchHeader } from '@kafkado/core/internal'
import { ManualClock } from '@kafkado/testing'
import {
  type CompressionType,
  createProducer,
  defineTopic,
  intercept,
  MessageTooLargeError,
  type Producer,
  type ProducerBatchEvent,
  type ProducerConfig,
  seededRandom,
  TimeoutError,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, places } from '../../../tests/clients/client-places.ts'
import { inTime, pass, until } from '../../../tests/passing-time.ts'

interface ProduceRequest {
  readonly acks: number
  readonly transactionalId: string | null
  readonly topics: { readonly partitions: { readonly partition: number; readonly records: Uint8Array }[] }[]
}

describe.each(Object.entries(places))('options of the producer on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: Producer<unknown>[]

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({ defaultPartitions: 3 })
    made = []
  })
  afterEach(async () => {
    under.faults.clear()
    await inTime(Promise.all(made.map((producer) => producer.close())), clock)
    await under.close()
  })

  /** A producer whose clock stands still, unlike the engine's. */
  function producer(config: ProducerConfig = {}, transport = under.transport): Producer<unknown> {
    const one = createProducer(transport, 'orders', { runtime: { clock, random: seededRandom(1) }, ...config })
    made.push(one)
    return one
  }

  const produced = (): ProduceRequest[] =>
    under.requests
      .filter(({ operation }) => operation === 'produce')
      .map(({ request }) => request as unknown as ProduceRequest)
  const batches = (): { partition: number; count: number; compression: number; size: number }[] =>
    produced().flatMap(({ topics }) =>
      topics.flatMap(({ partitions }) =>
        partitions.map(({ partition, records }) => {
          const { recordsCount, attributes } = readRecordBatchHeader(records)
          return { partition, count: recordsCount, compression: attributes & 7, size: records.length }
        }),
      ),
    )

  /** Holds back the answers to produce requests until they are released. */
  function holding(): { transport: typeof under.transport; letGo(): void; readonly waiting: number; most: number } {
    let waiting: (() => void)[] = []
    const held = {
      most: 0,
      get waiting() {
        return waiting.length
      },
      letGo() {
        const all = waiting
        waiting = []
        for (const resolve of all) resolve()
      },
      transport: intercept(under.transport, (next) => async (operation, request, options) => {
        if (operation.name !== 'produce') return next(operation, request, options)
        const answer = await next(operation, request, options)
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          held.most = Math.max(held.most, waiting.length)
        })
        return answer
      }),
    }
    return held
  }

  it('lingerMs: goes at once when nothing is in flight, and else waits that long for more', async () => {
    const held = holding()
    const one = producer({ lingerMs: 20 }, held.transport)
    await one.flush()
    const first = one.send(0, { partition: 0 })
    await until(() => held.waiting === 1)
    held.letGo()
    await first
    const sends = [one.send(1, { partition: 0 })]
    await until(() => held.waiting === 1)
    sends.push(one.send(2, { partition: 0 }))
    clock.advance(15)
    sends.push(one.send(3, { partition: 0 }))
    clock.advance(4)
    await turn()
    expect(batches().map(({ count }) => count)).toEqual([1, 1])
    clock.advance(1)
    await until(() => held.waiting === 2)
    held.letGo()
    await Promise.all(sends)
    expect(batches().map(({ count }) => count)).toEqual([1, 1, 2])
  })

  it('batchSize: a batch that has it lingers no longer', async () => {
    const held = holding()
    const one = producer({ lingerMs: 1000, batchSize: 500 }, held.transport)
    const first = one.send('first', { partition: 0 })
    await until(() => held.waiting === 1)
    held.letGo()
    await first
    const sends = [one.send('goes at once', { partition: 0 })]
    await until(() => held.waiting === 1)
    for (let count = 0; count < 3; count++) sends.push(one.send('x'.repeat(100), { partition: 0 }))
    await turn()
    expect(batches().length).toBe(2)
    sends.push(one.send('x'.repeat(200), { partition: 0 }))
    await until(() => held.waiting === 2)
    expect(batches()[2]?.count).toBe(4)
    held.letGo()
    await Promise.all(sends)
  })

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] satisfies CompressionType[])(
    'compression: %s',
    async (compression) => {
      const one = producer({ compression })
      const values = [...Array(50).keys()].map((id) => ({ id, text: 'the same text again and again' }))
      await one.sendBatch(values.map((value) => ({ value, partition: 0 })))
      expect(batches()[0]?.compression).toBe(['none', 'gzip', 'snappy', 'lz4', 'zstd'].indexOf(compression))
      const read = await collect(under.kafka.consume('orders', { group: 'g' }).take(50))
      expect(read.map(({ value }) => value)).toEqual(values)
      if (compression !== 'none') expect(batches()[0]?.size).toBeLessThan(1500)
    },
  )

  it('acks: says how safe a record has to be', async () => {
    expect((await producer({ acks: 'all' }).send(1, { partition: 0 })).offset).toBe(0)
    expect((await producer({ acks: 'leader' }).send(2, { partition: 0 })).offset).toBe(1)
    expect((await producer({ acks: 'none' }).send(3, { partition: 0 })).offset).toBe(-1)
    expect(produced().map(({ acks }) => acks)).toEqual([-1, 1, 0])
    expect((await collect(under.kafka.consume('orders', { group: 'g' }).take(3))).map(({ value }) => value)).toEqual([
      1, 2, 3,
    ])
    expect(() => producer({ acks: 'leader', idempotent: true })).toThrow(/idempotent needs acks 'all'/)
  })

  it('retries: a batch is sent again that often', async () => {
    for (let count = 0; count < 3; count++) under.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    const patient = producer({ retries: 3 }).send(1, { partition: 0 })
    // In small steps, as HTTP takes real time.
    expect((await inTime(patient, clock, 1)).offset).toBe(0)
    expect(batches().length).toBe(4)
    for (let count = 0; count < 3; count++) under.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    const hasty = producer({ retries: 2 }).send(2, { partition: 0 })
    await expect(inTime(hasty, clock, 1)).rejects.toMatchObject({ code: 'NOT_LEADER', outcome: 'failed' })
    expect(batches().length).toBe(7)
  })

  it('retryBackoffMs: the wait before the first retry, which doubles', async () => {
    const one = producer({ retryBackoffMs: 100, runtime: { clock, random: { ...seededRandom(1), next: () => 0.5 } } })
    for (let count = 0; count < 3; count++) under.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    const startedMs = clock.now()
    const times: number[] = []
    const sent = one.send(1, { partition: 0 })
    for (let count = 1; count <= 4; count++) {
      await until(() => batches().length === count, clock, 1)
      times.push(clock.now() - startedMs)
      // The refusal has to come back before time moves on.
      await until(() => under.faults.pending === Math.max(3 - count, 0))
      await turn()
    }
    await sent
    const waits = times.slice(1).map((time, index) => time - (times[index] as number))
    expect(waits[0]).toBeGreaterThanOrEqual(100)
    expect(waits[1]).toBeGreaterThanOrEqual(200)
    expect(waits[2]).toBeGreaterThanOrEqual(400)
  })

  it('deliveryTimeout: a record that is not acknowledged by then is given up', async () => {
    const one = producer({ deliveryTimeout: '3s' })
    // A look-up over HTTP may take longer than its attempt has, and would then wait for the clock, which stands still.
    await inTime(one.send(0, { partition: 0 }), clock)
    under.faults.atRandom({ lostRequest: 1, operations: ['produce'] })
    const sent = one.send(1, { partition: 0 })
    const failed = expect(sent).rejects.toThrow(TimeoutError)
    await until(() => batches().length === 2)
    clock.advance(2999)
    expect(one.metrics().recordsFailed).toBe(0)
    await until(() => one.metrics().retries > 0, clock, 0)
    clock.advance(1)
    await failed
    await expect(sent).rejects.toMatchObject({ outcome: 'unknown', retriable: true })
    await expect(sent).rejects.toThrow(
      /were not acknowledged within 3000 ms \(deliveryTimeout\): produce: the connection broke/,
    )
    expect(one.metrics()).toMatchObject({ recordsFailed: 1, recordsDelivered: 1 })
  })

  it('idempotent: a batch whose answer was lost is sent again and kept once; without it it is not sent again', async () => {
    under.faults.loseAnswer('produce')
    const safe = producer({ idempotent: true }).send('once', { partition: 0 })
    await until(() => batches().length === 2, clock)
    expect((await safe).offset).toBe(0)
    under.faults.loseAnswer('produce')
    const plain = producer({ idempotent: false }).send('perhaps', { partition: 0 })
    await expect(plain).rejects.toMatchObject({ code: 'DISCONNECTED', outcome: 'unknown' })
    const read = await collect(under.kafka.consume('orders', { group: 'g' }).take(2))
    expect(read.map(({ value }) => value)).toEqual(['once', 'perhaps'])
    expect(() => producer({ idempotent: true, maxInFlight: 6 })).toThrow(/at most 5/)
  })

  it.each([1, 3])('maxInFlight: %s batches of a partition at a time, in order', async (maxInFlight) => {
    const held = holding()
    const one = producer({ maxInFlight, batchSize: 0 }, held.transport)
    const proof = one.send('proof', { partition: 0 })
    await until(() => held.waiting === 1)
    held.letGo()
    await proof
    held.most = 0
    const sends: Promise<{ offset: number }>[] = []
    for (let id = 0; id < 10; id++) {
      sends.push(one.send(id, { partition: 0 }))
      await turn()
    }
    let done = false
    void Promise.all(sends).then(() => {
      done = true
    })
    await until(() => {
      if (held.waiting === Math.min(maxInFlight, 10)) held.letGo()
      // The proof counts too: once more than that is delivered, every batch that may be in flight has to wait.
      else if (one.metrics().batchesDelivered > 1) held.letGo()
      return done
    })
    expect(held.most).toBe(maxInFlight)
    const offsets = (await Promise.all(sends)).map(({ offset }) => offset)
    expect(offsets).toEqual([...offsets].sort((left, right) => left - right))
  })

  it('sends a batch again that overtook another, although the other was answered first', async () => {
    let heldBack: (() => void) | undefined
    let isRefused = false
    const reordering = intercept(under.transport, (next) => async (operation, request, options) => {
      if (operation.name !== 'produce' || batches().length === 0) return next(operation, request, options)
      if (!heldBack && !isRefused) {
        await new Promise<void>((resolve) => {
          heldBack = resolve
        })
        return next(operation, request, options)
      }
      const answer = await next(operation, request, options)
      if (heldBack && !isRefused) {
        isRefused = true
        heldBack()
        // The answer of the overtaken batch comes first.
        await until(() => one.metrics().batchesDelivered === 2)
      }
      return answer
    })
    const one = producer({ batchSize: 0 }, reordering)
    await one.send(0, { partition: 0 })
    const sends = [one.send(1, { partition: 0 })]
    await until(() => heldBack !== undefined)
    sends.push(one.send(2, { partition: 0 }))
    expect((await inTime(Promise.all(sends), clock)).map(({ offset }) => offset)).toEqual([1, 2])
    expect(isRefused).toBe(true)
  })

  it('maxBufferedBytes: ready() holds back while more than that waits, and nothing is lost', async () => {
    const held = holding()
    const one = producer({ maxBufferedBytes: 2000 }, held.transport)
    const sends = [one.send('first', { partition: 0 })]
    await until(() => held.waiting === 1)
    await one.ready()
    for (let count = 0; count < 30; count++) sends.push(one.send('x'.repeat(100), { partition: 0 }))
    let isReady = false
    const ready = one.ready().then(() => {
      isReady = true
    })
    await turn()
    expect(isReady).toBe(false)
    expect(one.metrics().bufferedBytes).toBeGreaterThan(2000)
    let isDelivered = false
    const delivered = Promise.all(sends).then(() => {
      isDelivered = true
    })
    await until(() => {
      held.letGo()
      return isDelivered
    }, clock)
    await ready
    await delivered
    expect(one.metrics()).toMatchObject({ bufferedBytes: 0, recordsDelivered: 31 })
  })

  it('maxRequestBytes: a longer record is refused, and requests stay below it', async () => {
    const one = producer({ maxRequestBytes: 5000 })
    await expect(one.send('x'.repeat(5000))).rejects.toThrow(MessageTooLargeError)
    await one.sendBatch([...Array(40).keys()].map((id) => ({ value: 'x'.repeat(900), partition: id % 3 })))
    expect(Math.max(...batches().map(({ size }) => size))).toBeLessThanOrEqual(5000)
    expect((await collect(under.kafka.consume('orders', { group: 'g' }).take(40))).length).toBe(40)
  })

  it("partitioner: keys go where Kafka's Java client puts them, the others stick to one partition for a batch", async () => {
    const one = producer()
    const partitionOf = async (key: string): Promise<number> => (await one.send(1, { key })).partition
    // murmur2 of these keys is known from the Java client: 479470107 and -790332482.
    expect(await partitionOf('abc')).toBe(479_470_107 % 3)
    expect(await partitionOf('foobar')).toBe((-790_332_482 & 0x7fffffff) % 3)
    const together = await one.sendBatch([...Array(20).keys()])
    expect(new Set(together.map(({ partition }) => partition)).size).toBe(1)
    const used = new Set<number>()
    for (let count = 0; count < 20; count++) used.add((await one.send(count)).partition)
    expect(used.size).toBe(3)
  })

  it('partitioner: round-robin, a function, and a partition of the message', async () => {
    const around = await producer({ partitioner: 'round-robin' }).sendBatch(
      [1, 2, 3, 4].map((value) => ({ value, key: 'same' })),
    )
    expect(around.map(({ partition }) => partition)).toEqual([0, 1, 2, 0])
    const chosen = producer({
      partitioner: ({ topic, key, value, partitionCount }) => {
        expect([topic, key && new TextDecoder().decode(key), partitionCount]).toEqual(['orders', 'k', 3])
        return value as number
      },
    })
    expect((await chosen.send(2, { key: 'k' })).partition).toBe(2)
    const beyond = chosen.send(3, { key: 'k' })
    await expect(inTime(beyond, clock)).rejects.toMatchObject({ code: 'PARTITION_NOT_FOUND' })
    expect((await chosen.send(2, { key: 'k', partition: 1 })).partition).toBe(1)
  })

  it('transactionTimeout and transactionalId: what the server is told', async () => {
    const one = producer({ transactionalId: 'writer', transactionTimeout: '7s' })
    await one.transaction((tx) => tx.send(1, { partition: 0 }))
    const asked = under.requests.find(({ operation }) => operation === 'initProducerId')?.request
    expect(asked).toMatchObject({ transactionalId: 'writer', transactionTimeoutMs: 7000 })
    expect(produced()[0]?.transactionalId).toBe('writer')
    expect(() => producer({ transactionalId: 'writer', idempotent: false })).toThrow(/transactionalId needs idempotent/)
  })

  it('splits a batch that the topic finds too large, in order and without a gap', async () => {
    await under.kafka.admin.createTopic('orders', { partitions: 1, config: { 'max.message.bytes': '2000' } })
    const one = producer()
    const metadata = await one.sendBatch([...Array(64).keys()].map((id) => ({ value: `${id}`.padEnd(100) })))
    expect(metadata.map(({ offset }) => offset)).toEqual([...Array(64).keys()])
    const after = await one.send('after')
    expect(after.offset).toBe(64)
    expect(one.metrics().splits).toBe(3)
    expect(under.requests.filter(({ operation }) => operation === 'initProducerId').length).toBe(1)
    const read = await collect(under.kafka.consume<string>('orders', { group: 'g' }).take(64))
    expect(read.map(({ value }) => Number(value))).toEqual([...Array(64).keys()])
    await expect(one.send('x'.repeat(3000))).rejects.toThrow(MessageTooLargeError)
  })

  it('sends a message with its key, headers and timestamp, and a tombstone', async () => {
    const one = producer()
    await one.sendBatch([
      {
        value: { a: 1 },
        key: 'k',
        headers: { text: 'words', raw: new Uint8Array([1, 2]) },
        timestamp: new Date(5000),
        partition: 0,
      },
      { value: null, key: 'k', timestamp: 6000, partition: 0 },
    ])
    const [first, second] = await collect(under.kafka.consume('orders', { group: 'g' }).take(2))
    expect(first?.toJSON()).toMatchObject({ key: 'k', value: { a: 1 }, timestamp: 5000, headers: { text: 'words' } })
    expect(first?.rawHeaders[1]).toEqual(['raw', new Uint8Array([1, 2])])
    expect([second?.value, second?.rawValue, second?.timestamp]).toEqual([null, null, 6000])
    await expect(one.send(undefined)).rejects.toThrow(/there is no value; null sends a tombstone/)
    await expect(one.send(1, { timestamp: Number.NaN })).rejects.toThrow(/timestamp must be/)
  })

  it('sendRaw: hands bytes on past the serde and the schema', async () => {
    const numbers = defineTopic('numbers', { value: 'int64' })
    const one = createProducer(under.transport, numbers)
    await one.sendRaw(new TextEncoder().encode('not a number'), { key: 'k' })
    await one.close()
    const [record] = await collect(
      under.kafka.consume(defineTopic('numbers', { value: 'string' }), { group: 'g' }).take(1),
    )
    expect([record?.value, record?.key]).toEqual(['not a number', 'k'])
  })

  it('flush and close: deliver what was sent, and end', async () => {
    const one = producer()
    const sends = [...Array(100).keys()].map((id) => one.send(id))
    await one.flush()
    expect(one.metrics()).toMatchObject({ recordsDelivered: 100, bufferedBytes: 0 })
    await Promise.all(sends)
    const last = one.send('last')
    await Promise.all([one.close(), one.close()])
    expect((await last).topic).toBe('orders')
    await expect(one.send('late')).rejects.toThrow(/the producer of topic 'orders' is closed/)
    expect(clock.pendingTimers).toBe(0)
  })

  it('close: ends within deliveryTimeout when nothing answers', async () => {
    under.faults.atRandom({ lostRequest: 1 })
    const one = producer({ deliveryTimeout: '1s' })
    const sent = expect(one.send(1, { partition: 0 })).rejects.toThrow()
    await inTime(one.close(), clock, 50)
    await sent
  })

  it.each([
    ['closeTimeout', { closeTimeout: '3s' }, 3000],
    ['30 s by default', {}, 30_000],
    ['deliveryTimeout, if that is less', { deliveryTimeout: '2s' }, 2000],
  ] as const)('close: gives up after %s what nobody acknowledges, and says so', async (_option, config, afterMs) => {
    under.faults.atRandom({ lostRequest: 1 })
    const one = producer(config)
    const sends = [one.send(1, { partition: 0 }), one.send(2), one.send(3, { partition: 99 })]
    const errors = Promise.all(sends.map((sent) => sent.catch((error: unknown) => error)))
    const startMs = clock.monotonic()
    await inTime(one.close(), clock, 50)
    expect(clock.monotonic() - startMs).toBeGreaterThan(afterMs - 100)
    expect(clock.monotonic() - startMs).toBeLessThanOrEqual(afterMs + 100)
    for (const error of await errors) {
      expect(error).toMatchObject({ outcome: 'failed' })
      expect((error as Error).message).toMatch(/topic 'orders'.*\((closeTimeout|deliveryTimeout)\)/)
    }
    expect(one.metrics()).toMatchObject({ recordsFailed: 3, bufferedBytes: 0 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('close: delivers what the server takes before closeTimeout is over', async () => {
    under.faults.atRandom({ lostRequest: 1 })
    const one = producer({ closeTimeout: '20s' })
    const sent = one.send(1)
    const closing = one.close()
    await pass(15_000, clock, 50)
    under.faults.atRandom({})
    await inTime(closing, clock, 50)
    expect((await sent).topic).toBe('orders')
  })

  it('tells what becomes of batches, in counters and on channels', async () => {
    const events: [string, ProducerBatchEvent][] = []
    const listen = (message: unknown, name: string | symbol): void =>
      void events.push([String(name), message as ProducerBatchEvent])
    const channels = ['delivered', 'failed', 'retry'].map((name) => `kafkado:producer:${name}`)
    for (const name of channels) subscribe(name, listen)
    const one = producer()
    under.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    const sent = one.send('x'.repeat(100), { partition: 1 })
    await inTime(sent, clock)
    under.faults.failNext('produce', 'TOPIC_AUTHORIZATION_FAILED')
    await expect(one.send(2, { partition: 1 })).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    for (const name of channels) unsubscribe(name, listen)
    expect(events.map(([name]) => name)).toEqual([channels[2], channels[0], channels[1]])
    expect(events[1]?.[1]).toMatchObject({ topic: 'orders', partition: 1, records: 1, attempts: 2, baseOffset: 0 })
    expect(one.metrics()).toMatchObject({ recordsDelivered: 1, recordsFailed: 1, retries: 1, batchesDelivered: 1 })
    expect(one.metrics().bytesDelivered).toBeGreaterThan(100)
  })
})
