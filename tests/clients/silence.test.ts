import { memory } from '@kafkado/broker'
import { createAdmin } from '@kafkado/admin'
import { type Consumer, createConsumer, type Stall } from '@kafkado/consumer'
import { intercept, type Runtime, seededRandom, type Transport } from '@kafkado/core'
import { createProducer, createTransactionalProducer, type Transaction } from '@kafkado/producer'
import { ManualClock } from '@kafkado/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime, until } from '../passing-time.ts'
import { type SilentServer, silentServers } from './silent-servers.ts'

/** What waits for an answer at most for the 2 s that it is told. */
type Operation = (transport: Transport, runtime: Runtime) => Promise<unknown>

const timeoutMs = 2000

const ofAdmin: Record<keyof ReturnType<typeof createAdmin>, Operation> = {
  createTopic: (transport) => createAdmin(transport).createTopic('orders'),
  listTopics: (transport) => createAdmin(transport).listTopics(),
  describeTopic: (transport) => createAdmin(transport).describeTopic('orders'),
  alterTopic: (transport) => createAdmin(transport).alterTopic('orders', { partitions: 2 }),
  deleteTopic: (transport) => createAdmin(transport).deleteTopic('orders'),
  deleteRecords: (transport) => createAdmin(transport).deleteRecords('orders', 1),
  listGroups: (transport) => createAdmin(transport).listGroups(),
  describeGroup: (transport) => createAdmin(transport).describeGroup('shop'),
  resetOffsets: (transport) => createAdmin(transport).resetOffsets('shop', 'orders', 'earliest'),
  deleteGroup: (transport) => createAdmin(transport).deleteGroup('shop'),
  listTransactions: (transport) => createAdmin(transport).listTransactions(),
  abortTransaction: (transport) => createAdmin(transport).abortTransaction('writer'),
}

const ofProducers: Record<string, Operation> = {
  send: (transport, runtime) => createProducer(transport, 'orders', { deliveryTimeout: '2s', runtime }).send(1),
  sendBatch: (transport, runtime) =>
    createProducer(transport, 'orders', { deliveryTimeout: '2s', runtime }).sendBatch([1, 2]),
  'sendBatch without idempotence': (transport, runtime) =>
    createProducer(transport, 'orders', { deliveryTimeout: '2s', idempotent: false, runtime }).sendBatch([1, 2]),
  transaction: (transport, runtime) =>
    createTransactionalProducer(transport, { transactionalId: 'writer', runtime }).transaction(
      'orders',
      (tx) => tx.send(1),
      { timeout: '2s' },
    ),
  'transaction with a short deliveryTimeout': (transport, runtime) =>
    createTransactionalProducer(transport, {
      transactionalId: 'writer',
      deliveryTimeout: '2s',
      runtime,
    }).transaction('orders', (tx) => tx.send(1)),
}

/** These end well, although nobody answers. */
const ends: Record<string, Operation> = {
  'flush and close of a producer': async (transport, runtime) => {
    const producer = createProducer(transport, 'orders', { deliveryTimeout: '2s', runtime })
    producer.send(1).catch(() => undefined)
    await producer.flush()
    await producer.close()
  },
  'close of a transactional producer': async (transport, runtime) => {
    const producer = createTransactionalProducer(transport, { transactionalId: 'w', transactionTimeout: '2s', runtime })
    producer.transaction('orders', (tx) => tx.send(1)).catch(() => undefined)
    await producer.close()
  },
  'close of a consumer': (transport, runtime) => closed(createConsumer(transport, 'orders', { group: 'g', runtime })),
  'close of a consumer without a group': (transport, runtime) =>
    closed(createConsumer(transport, 'orders', { runtime })),
  'close of the transport, in the middle of a request': async (transport) => {
    const asked = createAdmin(transport).listTopics()
    asked.catch(() => undefined)
    await transport.close()
    await expect(asked).rejects.toMatchObject({ retriable: false })
  },
}

async function closed(consumer: Consumer): Promise<void> {
  const next = consumer.next()
  next.catch(() => undefined)
  await consumer.close()
  await expect(next).rejects.toThrow(/closed/)
}

describe.each(Object.entries(silentServers))('%s', (_, serve) => {
  let server: SilentServer
  let clock: ManualClock
  let runtime: Runtime
  let transport: Transport

  beforeEach(async () => {
    server = await serve()
    clock = new ManualClock()
    runtime = { clock, random: seededRandom(1) }
    transport = server.connect(runtime)
  })
  afterEach(async () => {
    await inTime(transport.close(), clock, 20)
    await server.close()
    // Nothing of it keeps a process alive, or waits for a time to come.
    let turns = 0
    await until(() => clock.pendingTimers === 0 || ++turns > 2000)
    expect(clock.pendingTimers).toBe(0)
  })

  const named = Object.entries({ ...ofAdmin, ...ofProducers })
  it.each(named)('keeps nobody longer than the timeout: %s', async (_name, operation) => {
    const error = await inTime(
      operation(transport, runtime).catch((reason: unknown) => reason),
      clock,
      20,
    )
    expect(error).toMatchObject({ code: expect.stringMatching(/^(TIMEOUT|DISCONNECTED|BATCH_DELIVERY)$/) })
    // The waits between attempts come to it, and a step of the clock.
    expect(clock.monotonic()).toBeLessThanOrEqual(timeoutMs + 200)
  })

  it.each(Object.entries(ends))('keeps nobody from ending: %s', async (_name, operation) => {
    await inTime(operation(transport, runtime), clock, 20)
    expect(clock.monotonic()).toBeLessThanOrEqual(timeoutMs + 1200)
  })

  const readers = { 'as a member of a group': { group: 'g' }, 'without a group': {} }
  it.each(Object.entries(readers))('is told by a consumer that never reaches it, %s', async (_name, config) => {
    const consumer = createConsumer(transport, 'orders', { ...config, stallTimeout: '10s', runtime })
    const stalls: Stall[] = []
    consumer.on('stalled', (stall) => stalls.push(stall))
    const next = consumer.next()
    next.catch(() => undefined)
    await until(() => stalls.length > 0 || clock.monotonic() > 60_000, clock, 20)
    // It looks four times within the timeout, so it notices by then.
    expect(clock.monotonic()).toBeLessThanOrEqual(12_500 + 20)
    expect(stalls).toEqual([
      { reason: 'metadata', durationMs: expect.any(Number), error: expect.objectContaining({ retriable: true }) },
    ])
    expect(consumer.health()).toMatchObject({ state: 'joining', isHealthy: false, stalls: [{ reason: 'metadata' }] })
    const closing = consumer.close()
    await expect(inTime(next, clock, 20)).rejects.toThrow(/closed/)
    await inTime(closing, clock, 20)
  })

  it('is waited for by handlers until their signal aborts', async () => {
    const consumer = createConsumer(transport, 'orders', { group: 'g', runtime })
    const stop = new AbortController()
    const running = consumer.parallel({ concurrency: 2, signal: stop.signal }, () => undefined)
    await until(() => clock.monotonic() >= 5000, clock, 20)
    stop.abort()
    await inTime(running, clock, 20)
    expect(clock.monotonic()).toBeLessThan(6000)
    await inTime(consumer.close(), clock, 20)
  })
})

describe('a server that falls silent within a transaction', () => {
  const orders = async (tx: Transaction): Promise<void> => {
    await tx.send('orders', 1)
  }
  const bodies: Record<string, (tx: Transaction, reader: Consumer) => Promise<void>> = {
    'writes, awaited': orders,
    'writes, not awaited': (tx) => {
      tx.send('orders', 1).catch(() => undefined)
      return Promise.resolve()
    },
    'writes to two topics': async (tx) => {
      await tx.send('orders', 1)
      await tx.send('invoices', 1)
    },
    'commits offsets': async (tx, reader) => {
      await reader.next()
      await tx.commitOffsets(reader)
    },
  }
  /** What was written counts for nobody, but nobody has told that it is aborted. */
  const mayBeThere = expect.stringMatching(/^(failed|unknown)$/)
  const outcomes: Record<string, unknown> = {
    initProducerId: 'failed',
    metadata: 'failed',
    produce: mayBeThere,
    txnOffsetCommit: mayBeThere,
    endTxn: 'unknown',
  }
  const cases = Object.keys(bodies).flatMap((body) => Object.keys(outcomes).map((name) => ({ body, name })))

  it.each(cases)('keeps one that $body no longer than its timeout, from $name on', async ({ body, name }) => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    const engine = memory({ defaultPartitions: 1 })
    await createAdmin(engine).createTopic('orders')
    await createAdmin(engine).createTopic('invoices')
    await createProducer(engine, 'in').send('read')
    let silentSinceMs: number | undefined
    const link = intercept(engine, (next) => (operation, request, options) => {
      if (operation.name === name) silentSinceMs ??= clock.monotonic()
      return silentSinceMs === undefined ? next(operation, request, options) : new Promise(() => undefined)
    })
    const reader = createConsumer(engine, 'in', { group: 'g', runtime })
    const producer = createTransactionalProducer(link, { transactionalId: 'writer', runtime })
    const act = bodies[body] as (tx: Transaction, reader: Consumer) => Promise<void>
    const ended = producer
      .transaction((tx) => act(tx, reader), { timeout: '2s' })
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    const error = await inTime(ended, clock, 20)
    if (silentSinceMs === undefined) expect(error).toBeUndefined()
    else {
      expect(error).toMatchObject({ outcome: outcomes[name] })
      // What it waits for, and a moment for the abort.
      expect(clock.monotonic() - silentSinceMs).toBeLessThanOrEqual(timeoutMs + 1000 + 40)
      expect(clock.monotonic() - silentSinceMs).toBeGreaterThan(timeoutMs / 2)
    }
    await inTime(Promise.all([producer.close(), reader.close()]), clock, 20)
    expect(clock.pendingTimers).toBe(0)
    await engine.close()
  })
})
