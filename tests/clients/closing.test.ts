import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { createKafkaClient, createTransactionalProducer, DisconnectedError, intercept, seededRandom } from 'kafkado'
import { ManualClock } from '@kafkado/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, deferred, places } from './client-places.ts'
import { inTime } from '../passing-time.ts'

describe.each(Object.entries(places))('closing a client on %s', (_name, place) => {
  let under: ClientUnderTest

  beforeEach(async () => {
    under = await place({ defaultPartitions: 1 })
  })
  afterEach(() => under.close())

  it('lets a loop of transactions over a consumer end with the record in hand, quietly', async () => {
    // The engine is asked afterwards, so what this client closes is not that.
    const kafka = createKafkaClient({ ...under.transport, close: () => Promise.resolve() })
    await kafka.producer('orders').sendBatch([1, 2, 3])
    const consumer = kafka.consumer<number>('orders', { group: 'invoicer' })
    const begun = deferred()
    const goOn = deferred()
    const handled: number[] = []
    const loop = (async () => {
      for await (const { value } of consumer) {
        await kafka.transaction(async (tx) => {
          begun.resolve()
          await goOn.promise
          await tx.send('invoices', value)
          await tx.commitOffsets(consumer)
        })
        handled.push(value)
      }
    })()
    await begun.promise
    const closed = kafka.close()
    await turn()
    goOn.resolve()
    await loop
    await closed
    expect(handled).toEqual([1])
    const later = createKafkaClient(under.transport)
    expect((await collect(later.consumer('invoices').take(1))).map(({ value }) => value)).toEqual([1])
    const { offsets } = await later.admin.describeGroup('invoicer')
    expect(offsets.find(({ partition }) => partition === 0)?.committed).toBe(1)
  })

  it('delivers what was sent and not awaited', async () => {
    const sent = [1, 2, 3].map((value) => under.kafka.produce('orders', value))
    await under.kafka.close()
    expect((await Promise.all(sent)).map(({ offset }) => offset)).toEqual([0, 1, 2])
    await expect(under.kafka.transaction('orders', (tx) => tx.send(1))).rejects.toThrow(/is closed/)
  })

  it('lets nobody begin to read by a consumer that it had made before', async () => {
    await under.kafka.produce('orders', 1)
    const consumer = under.kafka.consumer('orders')
    expect(await collect(consumer.take(1))).toHaveLength(1)
    await under.kafka.close()
    await expect(consumer.next()).rejects.toThrow(/is closed/)
    expect(await collect(consumer.take(1))).toEqual([])
  })
})

describe('closing a transactional producer', () => {
  it('runs what was asked for before, one after the other', async () => {
    const engine = memory({ defaultPartitions: 1 })
    const one = createTransactionalProducer(engine, { transactionalId: 'writer' })
    const running = [1, 2].map((value) => one.transaction('orders', (tx) => tx.send(value)))
    await one.close()
    expect((await Promise.all(running)).map(({ offset }) => offset)).toEqual([0, 2])
    await expect(one.transaction('orders', (tx) => tx.send(3))).rejects.toBeInstanceOf(DisconnectedError)
    await engine.close()
  })

  it.each(['before the body begins', 'while the body runs'])(
    'waits for a body that never ends until its transaction would time out (%s)',
    async (when) => {
      const clock = new ManualClock()
      const engine = memory({ defaultPartitions: 1 })
      const runtime = { clock, random: seededRandom(1) }
      const one = createTransactionalProducer(engine, { transactionalId: 'writer', transactionTimeout: '5s', runtime })
      const begun = deferred()
      const running = one
        .transaction('orders', async (tx) => {
          await tx.send('lost')
          begun.resolve()
          await new Promise(() => undefined)
        })
        .catch((error: unknown) => error)
      if (when === 'while the body runs') await inTime(begun.promise, clock, 0)
      const closing = one.close()
      await inTime(begun.promise, clock, 0)
      const startMs = clock.monotonic()
      expect(await inTime(running, clock)).toBeInstanceOf(DisconnectedError)
      expect(await running).toMatchObject({ outcome: 'failed', retriable: false })
      await inTime(closing, clock)
      expect(clock.monotonic() - startMs).toBeGreaterThan(4000)
      expect(clock.monotonic() - startMs).toBeLessThan(6000)
      expect(clock.pendingTimers).toBe(0)
      const [state] = await createKafkaClient(engine).admin.listTransactions()
      expect(state).toMatchObject({ id: 'writer', state: 'CompleteAbort' })
      await engine.close()
    },
  )
})

describe('a transactional producer whose server falls silent', () => {
  it.each([
    ['as it asks for its id', 'initProducerId', 'failed', 5000],
    ['as it writes what the body awaits', 'produce', 'failed', 6000],
    ['as it commits', 'endTxn', 'unknown', 5000],
  ] as const)('%s is closed when the time of its transaction is over', async (_, name, outcome, mostMs) => {
    const clock = new ManualClock()
    const engine = memory({ defaultPartitions: 1 })
    let isSilent = false
    const asked = deferred()
    const silent = intercept(engine, (next) => (operation, request, options) => {
      if (operation.name === name) {
        isSilent = true
        asked.resolve()
      }
      return isSilent ? new Promise(() => undefined) : next(operation, request, options)
    })
    const runtime = { clock, random: seededRandom(1) }
    const one = createTransactionalProducer(silent, { transactionalId: 'writer', transactionTimeout: '5s', runtime })
    const running = one.transaction('orders', (tx) => tx.send('lost')).catch((error: unknown) => error)
    await inTime(asked.promise, clock, 0)
    const startMs = clock.monotonic()
    const closing = one.close()
    expect(await inTime(running, clock)).toMatchObject({ outcome, retriable: false })
    await inTime(closing, clock)
    expect(clock.monotonic() - startMs).toBeGreaterThan(4000)
    expect(clock.monotonic() - startMs).toBeLessThan(mostMs + 200)
    expect(clock.pendingTimers).toBe(0)
    await engine.close()
  })
})

describe('the transactional ids of a client', () => {
  it('are known to the server as theirs although many others were used since: who takes one fences it', async () => {
    const engine = memory({ defaultPartitions: 1 })
    const [older, newer] = [createKafkaClient(engine), createKafkaClient(engine)]
    await older.transaction('orders', (tx) => tx.send(1), { id: 'mine' })
    await older.transaction('orders', (tx) => tx.send(1), { id: 'taken' })
    for (let index = 0; index < 40; index++)
      await older.transaction('orders', (tx) => tx.send(index), { id: `other-${index}` })
    await newer.transaction('orders', (tx) => tx.send(2), { id: 'taken' })
    await older.transaction('orders', (tx) => tx.send(3), { id: 'mine' })
    await expect(older.transaction('orders', (tx) => tx.send(3), { id: 'taken' })).rejects.toMatchObject({
      code: 'PRODUCER_FENCED',
    })
    await newer.transaction('orders', (tx) => tx.send(4), { id: 'taken' })
    await engine.close()
  })
})
