import { memory } from '@kafkado/broker'
import { DisconnectedError, intercept, metadata, type Runtime, seededRandom, type Transport } from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'
import { KafkaClient } from 'kafkado'
import { ManualClock } from '@kafkado/testing'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { collect } from './client-places.ts'
import { inTime, until } from '../passing-time.ts'
import { silentHttpServer, type SilentServer, silentServers } from './silent-servers.ts'

/** What is under way, by what its caller waits for. */
type UnderWay = (kafka: KafkaClient) => Promise<unknown>

/** The default `closeTimeout` of every client. */
const closeTimeoutMs = 30_000
const stepMs = 100
/** So often everything gets its turn, with time standing still, before it counts as hanging. */
const mostTurns = 5000

const ofProducers: Record<string, UnderWay> = {
  'kafka.produce()': (kafka) => kafka.produce('orders', 1),
  'send()': (kafka) => kafka.producer('orders').send(1),
  'send() without idempotence': (kafka) => kafka.producer('orders', { idempotent: false }).send(1),
  'send() without acknowledgement': (kafka) => kafka.producer('orders', { acks: 'none' }).send(1),
  'send() to a partition': (kafka) => kafka.producer('orders').send(1, { partition: 0 }),
  'sendBatch()': (kafka) => kafka.producer('orders').sendBatch([1, 2, 3]),
  'a thousand sends': (kafka) => {
    const producer = kafka.producer('orders', { batchSize: 100, maxInFlight: 1 })
    return Promise.all(Array.from({ length: 1000 }, (_, value) => producer.send(value)))
  },
  'flush()': (kafka) => {
    const producer = kafka.producer('orders')
    producer.send(1).catch(() => undefined)
    return producer.flush()
  },
  'ready()': (kafka) => {
    const producer = kafka.producer('orders', { maxBufferedBytes: 1 })
    producer.send(1).catch(() => undefined)
    return producer.ready()
  },
}

const ofTransactions: Record<string, UnderWay> = {
  'kafka.transaction()': (kafka) => kafka.transaction('orders', (tx) => tx.send(1)),
  'a transaction without awaited sends': (kafka) =>
    kafka.transaction('orders', (tx) => {
      tx.send(1).catch(() => undefined)
      return Promise.resolve()
    }),
  'many transactions of one id': (kafka) =>
    Promise.all(
      Array.from({ length: 10 }, (_, value) => kafka.transaction('orders', (tx) => tx.send(value), { id: 'writer' })),
    ),
  'a transaction whose body never ends': (kafka) =>
    kafka.transaction('orders', async (tx) => {
      await tx.send(1)
      await new Promise(() => undefined)
    }),
  'a transaction with a timeout of an hour': (kafka) =>
    kafka.transaction('orders', (tx) => tx.send(1), { timeout: '1h' }),
  'transaction() of a producer': (kafka) =>
    kafka.producer('orders', { transactionalId: 'writer' }).transaction((tx) => tx.send(1)),
}

const ofConsumers: Record<string, UnderWay> = {
  'next()': (kafka) => kafka.consumer('in', { group: 'g' }).next(),
  'next() without a group': (kafka) => kafka.consumer('in').next(),
  'take()': (kafka) => collect(kafka.consumer('in', { group: 'g' }).take(100)),
  'batches()': (kafka) => collect(kafka.consumer('in', { group: 'g' }).batches({ size: 10, timeout: '1h' })),
  'forEach()': (kafka) => kafka.consumer('in', { group: 'g' }).forEach(() => undefined),
  'forEach() with a handler that never ends': (kafka) => {
    void kafka.consumer('in', { group: 'g' }).forEach(() => new Promise(() => undefined))
    return Promise.resolve()
  },
  'parallel()': (kafka) => kafka.consumer('in', { group: 'g' }).parallel({ concurrency: 3 }, () => undefined),
  'parallel() with handlers that never end': (kafka) => {
    void kafka.consumer('in', { group: 'g' }).parallel({ concurrency: 3 }, () => new Promise(() => undefined))
    return Promise.resolve()
  },
  'commit()': async (kafka) => {
    const consumer = kafka.consumer('in', { group: 'g' })
    await consumer.next()
    await (await consumer.next()).commit()
    await consumer.next()
  },
  'seekToTimestamp()': async (kafka) => {
    const consumer = kafka.consumer('in', { group: 'g' })
    await consumer.next()
    await consumer.seekToTimestamp(0)
    await consumer.next()
  },
  'dead letters': async (kafka) => {
    await collect(kafka.consumer('in', { group: 'g', onInvalid: { deadLetter: 'dead' } }))
  },
}

const ofOthers: Record<string, UnderWay> = {
  'listTopics()': (kafka) => kafka.admin.listTopics(),
  'resetOffsets()': (kafka) => kafka.admin.resetOffsets('g', 'in', 'earliest'),
  'start() of an application': (kafka) => kafka.stream('in').to('out').start({ application: 'app' }),
  'start() of an ephemeral application': (kafka) => kafka.stream('in').to('out').start(),
}

/** Answers nothing any more once it is asked for the operation, until it is closed. */
class Link {
  isSilent = false
  readonly transport: Transport
  readonly #closing = new AbortController()

  constructor(engine: Transport, operation: string) {
    const closed = new DisconnectedError('the transport is closed', { retriable: false, outcome: 'unknown' })
    const silenced = intercept(engine, (next) => (asked, request, options) => {
      if (asked.name === operation) this.isSilent = true
      if (!this.isSilent) return next(asked, request, options)
      // Signals do not end the wait.
      return orAborted(new Promise(() => undefined), this.#closing.signal)
    })
    const close = (): Promise<void> => Promise.resolve(this.#closing.abort(closed))
    this.transport = { ...silenced, close }
  }
}

const single = { ...ofProducers, ...ofTransactions, ...ofConsumers, ...ofOthers }
const names = Object.keys(single)

/** Everything takes its steps one after the other: transactions, then readers, then producers. */
const all: UnderWay = (kafka) => Promise.all(Object.values(single).map((act) => act(kafka).catch(() => undefined)))
const cases: (readonly [string, number, UnderWay])[] = [
  ...names.map((name) => [name, 1, single[name] as UnderWay] as const),
  ['all of it', 3, all] as const,
]

/** Whether the promise has settled. */
function settling(promise: Promise<unknown>): () => boolean {
  let isSettled = false
  const settled = (): void => {
    isSettled = true
  }
  promise.then(settled, settled)
  return () => isSettled
}

/** Closes the client in the middle of it, and expects both to end in the time that so many steps may take. */
async function expectClosed(
  kafka: KafkaClient,
  [, steps, act]: (typeof cases)[number],
  clock: ManualClock,
  isBegun: () => boolean,
): Promise<void> {
  const running = act(kafka).then(
    () => undefined,
    (error: unknown) => error,
  )
  const hasEnded = settling(running)
  await until(() => isBegun() || hasEnded(), clock, stepMs)
  // The transport has a second of its own to end its connections.
  const overMs = clock.monotonic() + steps * closeTimeoutMs + 1000
  const isOver = (): boolean => clock.monotonic() > overMs
  const isClosed = settling(kafka.close())
  await until(() => isClosed() || isOver(), clock, stepMs)
  // Nothing of it waits for a time to come: sockets take real time, which the clock has outrun.
  let turns = 0
  await until(() => isClosed() || ++turns > mostTurns)
  expect(isClosed() ? 'closed' : 'still closing').toBe('closed')
  await until(() => hasEnded() || ++turns > 2 * mostTurns)
  expect(hasEnded() ? 'ended' : 'still under way').toBe('ended')
  const error = await running
  if (error !== undefined) expect(error).toMatchObject({ outcome: expect.stringMatching(/^(failed|unknown)$/) })
}

beforeAll(async () => {
  // What an application runs on is loaded at its first start, which takes real time.
  await using kafka = new KafkaClient(memory())
  await kafka.admin.createTopic('in')
  await kafka.stream('in').to('out').start()
  // So is what HTTP requests are made with, at the first of them, and closing a transport waits for it.
  const server = await silentHttpServer()
  const transport = server.connect({ clock: new ManualClock(), random: seededRandom(1) })
  const asked = transport.send(metadata, { topics: null, allowAutoTopicCreation: false }).catch(() => undefined)
  await transport.close?.()
  await asked
  await server.close()
})

describe.each(Object.entries(silentServers))('kafka.close() on %s', (_, serve) => {
  let server: SilentServer
  let clock: ManualClock
  let transport: Transport
  let runtime: Runtime

  beforeEach(async () => {
    server = await serve()
    clock = new ManualClock()
    runtime = { clock, random: seededRandom(1) }
    transport = server.connect(runtime)
  })
  afterEach(() => server.close())

  it.each(cases)('ends in its time while this is under way: %s', async (...one) => {
    const kafka = new KafkaClient(transport, runtime)
    await expectClosed(kafka, one, clock, () => clock.monotonic() >= 3000)
    let turns = 0
    await until(() => clock.pendingTimers === 0 || ++turns > mostTurns)
    expect(clock.pendingTimers).toBe(0)
  })
})

/** What a server is asked in what is under way. */
const operations = [
  'metadata',
  'initProducerId',
  'produce',
  'endTxn',
  'consumerGroupHeartbeat',
  'offsetFetch',
  'listOffsets',
  'fetch',
  'offsetCommit',
]

describe.each(operations)('kafka.close() on a server that falls silent with %s', (operation) => {
  it.each(cases)('ends in its time while this is under way: %s', async (...one) => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    const engine = memory({ defaultPartitions: 1, runtime })
    const first = new KafkaClient({ ...intercept(engine), close: () => Promise.resolve() }, runtime)
    await inTime(first.producer('in').sendBatch([1, 2, 3]), clock)
    await inTime(first.close(), clock)
    const link = new Link(engine, operation)
    const kafka = new KafkaClient(link.transport, runtime)
    await expectClosed(kafka, one, clock, () => link.isSilent || clock.monotonic() >= 3000)
    await inTime(engine.close(), clock)
    expect(clock.pendingTimers).toBe(0)
  })
})
