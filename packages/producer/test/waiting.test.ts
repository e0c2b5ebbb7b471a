import { memory } from '@kafkado/broker'
import { createPartitions as createPartitionsOperation } from '@kafkado/core'
import {
  createProducer,
  createTransactionalProducer,
  DisconnectedError,
  intercept,
  type Interceptor,
  type KafkaError,
  type Producer,
  type ProducerConfig,
  seededRandom,
  TimeoutError,
  type Transport,
} from 'kafkado'
import { ManualClock } from '@kafkado/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime } from '../../../tests/passing-time.ts'

/** How a server fails that cannot answer: which operations are lost, and how. */
type Trouble = 'unreachable' | 'silent' | 'lost answers'

describe('a producer whose server is in no state to answer', () => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  let engine: ReturnType<typeof memory>
  let trouble: { readonly kind: Trouble; readonly operations: readonly string[] } | undefined
  let asked: string[]
  let transport: Transport

  /** A server that ignores time limits and signals, the worst that a transport may do. */
  const troubled: Interceptor = (next) => async (operation, request, options) => {
    asked.push(operation.name)
    if (!trouble || !trouble.operations.includes(operation.name)) return next(operation, request, options)
    if (trouble.kind === 'silent') return new Promise(() => undefined)
    if (trouble.kind === 'unreachable') throw new DisconnectedError('connection refused', { outcome: 'failed' })
    await next(operation, request, options)
    throw new DisconnectedError('the connection broke')
  }

  beforeEach(() => {
    // The engine has its own clock, so all timers here belong to the clients.
    engine = memory({ defaultPartitions: 1 })
    trouble = undefined
    asked = []
    transport = intercept(engine, troubled)
  })
  afterEach(() => engine.close())

  const producer = (config: ProducerConfig = {}): Producer<unknown> =>
    createProducer(transport, 'orders', { runtime, deliveryTimeout: '1s', ...config })

  const outcomeOf = (sent: Promise<unknown>): Promise<{ error?: KafkaError; atMs: number }> =>
    sent.then(
      () => ({ atMs: clock.monotonic() }),
      (error: KafkaError) => ({ error, atMs: clock.monotonic() }),
    )

  it.each(
    ['metadata', 'initProducerId'].flatMap((operation) =>
      (['unreachable', 'silent', 'lost answers'] as const).map((kind) => ({ kind, operation })),
    ),
  )(
    '$kind at $operation: each record is given up at its own time, as not written, and close() ends',
    async ({ kind, operation }) => {
      trouble = { kind, operations: [operation] }
      const one = producer()
      const startMs = clock.monotonic()
      const first = outcomeOf(one.send(1))
      await clock.advanceAsync(600)
      const second = outcomeOf(one.send(2))
      await clock.advanceAsync(2000)
      for (const [sent, dueMs] of [
        [first, 1000],
        [second, 1600],
      ] as const) {
        const { error, atMs } = await sent
        expect(error).toBeInstanceOf(TimeoutError)
        expect(error).toMatchObject({ outcome: 'failed', retriable: true })
        expect(atMs - startMs).toBeGreaterThan(dueMs - 50)
        expect(atMs - startMs).toBeLessThanOrEqual(dueMs)
      }
      const late = outcomeOf(one.send(3))
      let isClosed = false
      void one.close().then(() => (isClosed = true))
      await clock.advanceAsync(1001)
      expect(isClosed).toBe(true)
      expect((await late).error).toMatchObject({ outcome: 'failed' })
      expect(clock.pendingTimers).toBe(0)
      trouble = undefined
      await clock.advanceAsync('1m')
      expect(asked.filter((name) => name === 'produce')).toEqual([])
    },
  )

  it('does not send what was given up while the producer id was waited for', async () => {
    trouble = { kind: 'unreachable', operations: ['metadata'] }
    const one = producer({ deliveryTimeout: '5s' })
    const first = outcomeOf(one.send('given up'))
    await clock.advanceAsync('2s')
    trouble = { kind: 'unreachable', operations: ['initProducerId'] }
    await clock.advanceAsync('2s')
    const second = one.send('written')
    await clock.advanceAsync('1500ms')
    expect((await first).error).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
    expect(asked).not.toContain('produce')
    trouble = undefined
    expect((await inTime(second, clock)).offset).toBe(0)
    await one.close()
  })

  it('writes what was sent before the server came up, in its order', async () => {
    trouble = { kind: 'unreachable', operations: ['metadata', 'initProducerId', 'produce'] }
    const one = producer({ deliveryTimeout: '30s' })
    const sent = [1, 2, 3].map((value) => one.send(value))
    await clock.advanceAsync('20s')
    trouble = undefined
    await clock.advanceAsync('2s')
    expect((await Promise.all(sent)).map(({ offset }) => offset)).toEqual([0, 1, 2])
    await one.close()
  })

  it('writes what the bytes were when they were sent, although it waited', async () => {
    trouble = { kind: 'unreachable', operations: ['metadata'] }
    const one = producer({ deliveryTimeout: '30s' })
    const bytes = [Buffer.from('key'), Buffer.from('"value"'), Buffer.from('header')] as const
    const sent = one.sendRaw(bytes[1], { key: bytes[0], headers: { h: bytes[2] } })
    for (const changed of bytes) changed.fill(0)
    trouble = undefined
    await inTime(sent, clock)
    const consumer = await inTime(readOne(), clock)
    expect(consumer).toEqual({ key: 'key', value: 'value', headers: { h: 'header' } })
    await one.close()
  })

  async function readOne(): Promise<object> {
    const { createConsumer } = await import('kafkado')
    const consumer = createConsumer(engine, 'orders', { runtime })
    const { key, value, headers } = await consumer.next()
    await consumer.close()
    return { key, value, headers }
  }

  it('ready() holds back while what waits for metadata fills the buffer', async () => {
    trouble = { kind: 'unreachable', operations: ['metadata'] }
    const one = producer({ deliveryTimeout: '30s', maxBufferedBytes: 1000 })
    await one.ready()
    const sent = outcomeOf(one.send('x'.repeat(1000)))
    expect(one.metrics().bufferedBytes).toBeGreaterThan(1000)
    let isReady = false
    void one.ready().then(() => (isReady = true))
    await clock.advanceAsync('5s')
    expect(isReady).toBe(false)
    trouble = undefined
    await clock.advanceAsync('5s')
    expect(isReady).toBe(true)
    expect((await sent).error).toBeUndefined()
    expect(one.metrics().bufferedBytes).toBe(0)
    await one.close()
  })

  it('finds partitions that were added, asks for them seldom, and refuses those that are not there', async () => {
    const one = producer({ deliveryTimeout: '30s' })
    await inTime(one.send(0, { partition: 0 }), clock)
    await engine.send(createPartitionsOperation, {
      timeoutMs: 1000,
      validateOnly: false,
      topics: [{ topic: 'orders', count: 3 }],
    })
    asked = []
    // Records keep their order: the second goes to a partition that became known only after the first was sent.
    const sent = [1, 2, 3].map((value) => one.send(value, { partition: 2 }))
    const known = one.send(4, { partition: 0 })
    expect((await inTime(known, clock)).offset).toBe(1)
    const delivered = await inTime(Promise.all(sent), clock)
    expect(delivered.map(({ partition, offset }) => [partition, offset])).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
    ])
    const startMs = clock.monotonic()
    const missing = await inTime(
      Promise.all([...Array(50).keys()].map((at) => outcomeOf(one.send(at, { partition: 3 })))),
      clock,
    )
    expect(missing.map(({ error }) => error?.code)).toEqual(Array(50).fill('PARTITION_NOT_FOUND'))
    expect(missing[0]?.error).toMatchObject({ outcome: 'failed', retriable: false })
    expect(clock.monotonic() - startMs).toBeLessThan(1000)
    expect(asked.filter((name) => name === 'metadata').length).toBeLessThanOrEqual(2)
    await one.close()
  })

  it.each([
    // It has not begun, so it has written nothing.
    ['initProducerId', 'failed'],
    // The transaction is then aborted, which the server acknowledges.
    ['txnOffsetCommit', 'failed'],
    ['endTxn', 'unknown'],
  ])('a transaction ends in its time when %s is not answered: %s', async (operation, outcome) => {
    trouble = { kind: 'silent', operations: [operation] }
    const settings = { transactionalId: 'writer', runtime, deliveryTimeout: '5s' as const }
    const one = createTransactionalProducer(transport, settings)
    const offsets = {
      groupId: 'g',
      groupInstanceId: null,
      member: () => ({ memberId: '', memberEpoch: -1 }),
      renewMember: () => Promise.resolve(),
      offsets: [{ topic: 'orders', partition: 0, offset: 1 }],
      onCommitted: () => undefined,
      onAborted: () => undefined,
    }
    const running = outcomeOf(
      one.transaction(async (tx) => {
        await tx.send('orders', 1)
        await tx.commitOffsets({ offsetsForTransaction: () => Promise.resolve(offsets) })
      }),
    )
    const closed = one.close()
    const { error, atMs } = await inTime(running, clock)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error?.outcome).toBe(outcome)
    expect(atMs).toBeLessThanOrEqual(clock.monotonic())
    await inTime(closed, clock)
  })
})
