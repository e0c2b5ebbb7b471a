import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock, type OperationName } from '@kafkado/testing'
import {
  type BatchDeliveryError,
  type Consumer,
  createProducer,
  createTransactionalProducer,
  defineTopic,
  DisconnectedError,
  initProducerId,
  type KafkaError,
  type KafkaErrorName,
  type KafkaRecord,
  ProducerFencedError,
  seededRandom,
  string,
  type Transaction,
  TransactionAbortedError,
  type TransactionEvent,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, places } from '../client-places.ts'
import { inTime } from '../../passing-time.ts'

/**
 * Time that stands still. Who goes in a circle asks for it without an end, and would keep the test from ever being
 * over.
 */
class CountedClock extends ManualClock {
  #asked = 0

  override monotonic(): number {
    if (++this.#asked > 10_000) throw new Error('the time was asked for 10 000 times')
    return super.monotonic()
  }
}

describe.each(Object.entries(places))('transactions of the client on %s', (_name, place) => {
  let under: ClientUnderTest

  beforeEach(async () => {
    under = await place({ defaultPartitions: 2 })
  })
  afterEach(() => under.close())

  /** The values of a topic that readers of committed records see. */
  async function committed(topic: string, count: number): Promise<unknown[]> {
    const records = await collect(under.kafka.consume(topic, { group: `reader-${topic}-${count}` }).take(count))
    return records
      .map(({ value }) => value)
      .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))
  }

  it('commits what the body sent to a topic, and returns what it returned', async () => {
    const { kafka } = under
    const offset = await kafka.transaction('orders', async (tx) => {
      await tx.send({ id: 1 }, { key: 'a' })
      await tx.sendBatch([{ id: 2 }, { id: 3 }])
      return 'done'
    })
    expect(offset).toBe('done')
    expect(await committed('orders', 3)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  })

  it('writes to several topics at once, also by different definitions of one topic', async () => {
    const text = defineTopic('texts', { value: string() })
    await under.kafka.transaction(async (tx) => {
      await Promise.all([
        tx.send('orders', 'x'),
        tx.send(text, 'plain', { partition: 0 }),
        tx.send('texts', 'json', { partition: 0 }),
      ])
    })
    const records = await collect(under.kafka.consume(text, { group: 'g' }).take(2))
    expect(records.map(({ value }) => value).sort()).toEqual(['"json"', 'plain'])
    expect(await committed('orders', 1)).toEqual(['x'])
  })

  it('aborts and rethrows what the body throws; the next transaction goes on', async () => {
    const { kafka } = under
    const failing = kafka.transaction('orders', async (tx) => {
      await tx.send('lost', { partition: 0 })
      throw new RangeError('no stock')
    })
    await expect(failing).rejects.toThrow(new RangeError('no stock'))
    await kafka.transaction('orders', (tx) => tx.send('kept', { partition: 0 }))
    expect(await committed('orders', 1)).toEqual(['kept'])
  })

  it('aborts when a send failed that nobody awaited', async () => {
    const failing = under.kafka.transaction('orders', async (tx) => {
      void tx.send('lost', { partition: 0 })
      void tx.send('no such partition', { partition: 7 })
      await Promise.resolve()
    })
    await expect(failing).rejects.toThrow(TransactionAbortedError)
    await expect(failing).rejects.toThrow(/has 2 partitions/)
    await under.kafka.transaction('orders', (tx) => tx.send('kept', { partition: 0 }))
    expect(await committed('orders', 1)).toEqual(['kept'])
  })

  it('waits for sends that nobody awaited', async () => {
    await under.kafka.transaction('orders', (tx) => {
      for (let id = 0; id < 50; id++) void tx.send(id)
      return Promise.resolve()
    })
    expect((await committed('orders', 50)).length).toBe(50)
  })

  it('refuses what comes after its end', async () => {
    let kept: { send(value: unknown): Promise<unknown> } | undefined
    await under.kafka.transaction('orders', async (tx) => {
      kept = tx
      await tx.send(1)
    })
    await expect(kept?.send(2)).rejects.toThrow(/is over: await everything/)
  })

  it('runs those of one id one after the other, and those without side by side', async () => {
    const order: string[] = []
    const body =
      (name: string) =>
      async (tx: { send(topic: string, value: unknown): Promise<unknown> }): Promise<void> => {
        order.push(`${name} begins`)
        await tx.send('orders', name)
        order.push(`${name} ends`)
      }
    await Promise.all(['a', 'b'].map((name) => under.kafka.transaction(body(name), { id: 'one' })))
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
    const nested = await under.kafka.transaction((outer) =>
      outer
        .send('orders', 'outer')
        .then(() =>
          under.kafka.transaction((inner) => inner.send('orders', 'inner').then(() => inner.id !== outer.id)),
        ),
    )
    expect(nested).toBe(true)
    expect(await committed('orders', 4)).toEqual(['a', 'b', 'inner', 'outer'])
  })

  it('does nothing on the server for a transaction that sends nothing', async () => {
    await under.kafka.transaction(() => Promise.resolve())
    expect(under.requests.map(({ operation }) => operation)).toEqual(['initProducerId'])
  })

  it('asks again for an end whose answer was lost, and commits once', async () => {
    under.faults.failNext('endTxn', 'REQUEST_TIMED_OUT')
    under.faults.loseAnswer('endTxn')
    await under.kafka.transaction('orders', (tx) => tx.send('once'), { id: 'again' })
    await under.kafka.transaction('orders', (tx) => tx.send('twice'), { id: 'again' })
    expect(await committed('orders', 2)).toEqual(['once', 'twice'])
    const ends = under.requests.filter(({ operation }) => operation === 'endTxn')
    expect(ends.map(({ request }) => request['producerEpoch'])).toEqual([0, 0, 0, 1])
  })

  it.each<[string, 'lost answer' | 'lost request', readonly KafkaErrorName[]]>([
    ['carried out and never answered', 'lost answer', []],
    ['lost, and never answered', 'lost request', []],
    ['carried out, and then refused for now until the time is over', 'lost answer', ['COORDINATOR_NOT_AVAILABLE']],
    ['carried out, and then refused for good', 'lost answer', ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED']],
  ])('says that nobody knows whether it was committed: its commit is %s', async (_what, first, then) => {
    const clock = new ManualClock()
    const producer = createTransactionalProducer(under.transport, {
      transactionalId: 'invoicer',
      deliveryTimeout: '5s',
      runtime: { clock, random: seededRandom(1) },
    })
    const outcomes: string[] = []
    const listen = (message: unknown): void => void outcomes.push((message as TransactionEvent).outcome)
    subscribe('kafkado:producer:transaction', listen)
    const operations: OperationName[] = ['endTxn']
    const committing = producer.transaction('orders', async (tx) => {
      await tx.send('perhaps', { partition: 0 })
      if (first === 'lost answer') under.faults.loseAnswer('endTxn')
      else under.faults.loseRequest('endTxn')
      under.faults.atRandom(then.length > 0 ? { error: 1, errors: then, operations } : { lostRequest: 1, operations })
    })
    await expect(inTime(committing, clock)).rejects.toMatchObject({ outcome: 'unknown' })
    unsubscribe('kafkado:producer:transaction', listen)
    expect(outcomes).toEqual(['unknown'])
    under.faults.clear()
    // The next transaction of the id leaves nothing open.
    await inTime(
      producer.transaction('orders', (tx) => tx.send('next', { partition: 0 })),
      clock,
    )
    const expected = first === 'lost answer' ? ['next', 'perhaps'] : ['next']
    expect(await committed('orders', expected.length)).toEqual(expected)
    await inTime(producer.close(), clock)
  })

  it('leaves what the body throws as it is when it is about something else', async () => {
    const elsewhere = new DisconnectedError('the other cluster gave no answer', { outcome: 'unknown' })
    const failing = under.kafka.transaction('orders', async (tx) => {
      await tx.send('lost')
      throw elsewhere
    })
    await expect(failing).rejects.toBe(elsewhere)
    expect(elsewhere.outcome).toBe('unknown')
  })

  it('goes on under another id when a late copy of a request has taken the one that the client gave itself', async () => {
    const { kafka, transport } = under
    const id = await kafka.transaction(async (tx) => {
      await tx.send('orders', 1)
      return tx.id
    })
    const asAtFirst = { transactionalId: id, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
    await transport.send(initProducerId, asAtFirst)
    await expect(kafka.transaction('orders', (tx) => tx.send(2))).rejects.toThrow(ProducerFencedError)
    await kafka.transaction('orders', (tx) => tx.send(3))
    expect(await committed('orders', 2)).toEqual([1, 3])
  })

  it('is fenced by a newer producer with its id, and says so from then on', async () => {
    const older = createTransactionalProducer(under.transport, { transactionalId: 'invoicer' })
    const newer = createTransactionalProducer(under.transport, { transactionalId: 'invoicer' })
    await older.transaction('orders', (tx) => tx.send('older', { partition: 0 }))
    const late = older.transaction('orders', async (tx) => {
      await tx.send('late', { partition: 0 })
      await newer.transaction('orders', (other) => other.send('newer', { partition: 0 }))
      await tx.send('too late', { partition: 0 })
    })
    await expect(late).rejects.toThrow(ProducerFencedError)
    await expect(older.transaction('orders', (tx) => tx.send(1))).rejects.toThrow(ProducerFencedError)
    await expect(older.transaction('orders', (tx) => tx.send(1))).rejects.toThrow(/a newer producer/)
    expect(await committed('orders', 2)).toEqual(['newer', 'older'])
    await older.close()
    await newer.close()
  })

  it('goes on after the server has aborted a transaction that took too long', async () => {
    const slow = under.kafka.transaction(
      'orders',
      async (tx) => {
        await tx.send('late', { partition: 0 })
        while ((await under.kafka.admin.listTransactions()).some(({ state }) => state === 'Ongoing')) await turn()
      },
      // Long enough for answers of a slow machine, which are waited for as long.
      { id: 'slow', timeout: 1000 },
    )
    await expect(slow).rejects.toThrow(ProducerFencedError)
    await under.kafka.transaction('orders', (tx) => tx.send('kept', { partition: 0 }), { id: 'slow' })
    expect(await committed('orders', 1)).toEqual(['kept'])
  })

  it('is aborted by its signal', async () => {
    const stop = new AbortController()
    const stopped = under.kafka.transaction(
      'orders',
      async (tx) => {
        await tx.send('lost')
        stop.abort(new Error('the service stops'))
      },
      { signal: stop.signal },
    )
    await expect(stopped).rejects.toThrow('the service stops')
    const states = await under.kafka.admin.listTransactions()
    expect(states.map(({ state }) => state)).toEqual(['CompleteAbort'])
  })

  it('belongs to a producer with a transactionalId, which sends in no other way', async () => {
    const producer = createProducer(under.transport, 'orders', { transactionalId: 'orders-1' })
    await expect(producer.send(1)).rejects.toThrow(/send by producer.transaction\(\)/)
    await producer.transaction((tx) => tx.send('sent'))
    await producer.close()
    await expect(producer.transaction((tx) => tx.send('late'))).rejects.toThrow(/is closed/)
    expect(await committed('orders', 1)).toEqual(['sent'])
    const plain = createProducer(under.transport, 'orders')
    await expect(plain.transaction((tx) => tx.send(1))).rejects.toThrow(/has no transactionalId/)
    await plain.close()
  })

  it('commits what was read together with what was written', async () => {
    const { kafka } = under
    await kafka.producer('orders').sendBatch([1, 2, 3].map((value) => ({ value, partition: 0 })))
    const consumer = kafka.consumer<number>('orders', { group: 'invoicer' })
    let attempts = 0
    for await (const record of consumer) {
      await kafka.transaction(
        async (tx) => {
          await tx.send('invoices', record.value * 10)
          await tx.commitOffsets(consumer)
        },
        { id: 'invoicer-1' },
      )
      if (++attempts === 2) break
    }
    const group = await kafka.admin.describeGroup('invoicer')
    expect(group.offsets.find(({ partition }) => partition === 0)?.committed).toBe(2)
    const [third] = await collect(kafka.consumer<number>('orders', { group: 'invoicer' }).take(1))
    expect(third?.value).toBe(3)
    expect(await committed('invoices', 2)).toEqual([10, 20])
  })

  it('commits the offsets of records, and none of an aborted transaction', async () => {
    const { kafka } = under
    await kafka.producer('orders').sendBatch([1, 2, 3].map((value) => ({ value, partition: 0 })))
    const read: KafkaRecord<number>[] = []
    const consumer = kafka.consumer<number>('orders', { group: 'g', autoCommit: false })
    for (let count = 0; count < 3; count++) read.push(await consumer.next())
    await kafka.transaction((tx) => tx.commitOffsets(read.slice(0, 1)))
    const failing = kafka.transaction(async (tx) => {
      await tx.commitOffsets(read.slice(2))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await consumer.close()
    const { offsets } = await kafka.admin.describeGroup('g')
    expect(offsets.find(({ partition }) => partition === 0)?.committed).toBe(1)
  })

  it('commits what was read behind a seek, also while nobody has answered yet what the group has committed', async () => {
    const { kafka, faults } = under
    await kafka.producer('orders').sendBatch([1, 2, 3].map((value) => ({ value, partition: 0 })))
    const consumer = kafka.consumer<number>('orders', { group: 'g', autoCommit: false })
    for (let count = 0; count < 3; count++) await consumer.next()
    // It is asked again in a moment, and the records are there at once.
    faults.failNext('offsetFetch', 'COORDINATOR_LOAD_IN_PROGRESS')
    consumer.seek({ topic: 'orders', partition: 0, offset: 1 })
    expect((await consumer.next()).value).toBe(2)
    await kafka.transaction((tx) => tx.commitOffsets(consumer))
    await consumer.close()
    const { offsets } = await kafka.admin.describeGroup('g')
    expect(offsets.find(({ partition }) => partition === 0)?.committed).toBe(2)
  })

  it.each<KafkaErrorName>(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'REQUEST_TIMED_OUT'])(
    'refuses at once what is sent after something of it failed: %s',
    async (error) => {
      const clock = new CountedClock()
      const producer = createTransactionalProducer(under.transport, {
        transactionalId: 'refused',
        deliveryTimeout: 5000,
        retries: 0,
        runtime: { clock, random: seededRandom(1) },
      })
      // From now on the second partition has the numbers of a transaction that is over.
      await producer.transaction('orders', (tx) => tx.send('kept', { partition: 1 }))
      under.faults.failNext('produce', error)
      const failing = producer.transaction('orders', async (tx) => {
        await tx.send('refused', { partition: 0 }).catch(() => undefined)
        await expect(tx.send('too late', { partition: 1 })).rejects.toThrow(/is aborted because a part of it failed/)
      })
      await expect(failing).rejects.toThrow(TransactionAbortedError)
      await producer.transaction('orders', (tx) => tx.send('next', { partition: 1 }))
      expect(await committed('orders', 2)).toEqual(['kept', 'next'])
      await producer.close()
    },
  )

  it('publishes how each transaction ended', async () => {
    const outcomes: string[] = []
    const listen = (message: unknown): void => void outcomes.push((message as TransactionEvent).outcome)
    subscribe('kafkado:producer:transaction', listen)
    await under.kafka.transaction('orders', (tx) => tx.send(1))
    await under.kafka.transaction('orders', () => Promise.reject(new Error('no'))).catch(() => undefined)
    unsubscribe('kafkado:producer:transaction', listen)
    expect(outcomes).toEqual(['committed', 'aborted'])
  })
})

interface LostPart {
  readonly operation: OperationName
  act(tx: Transaction, consumer: Consumer): Promise<unknown>
}
const lostParts: Record<string, LostPart> = {
  'the offsets of a consumer': { operation: 'txnOffsetCommit', act: (tx, consumer) => tx.commitOffsets(consumer) },
  'a record': { operation: 'produce', act: (tx) => tx.send('orders', 'perhaps', { partition: 0 }) },
  'a batch': {
    operation: 'produce',
    act: (tx) => tx.sendBatch('orders', [{ value: 'perhaps', partition: 0 }]),
  },
  'a record of a batch': {
    operation: 'produce',
    act: (tx) =>
      tx.sendBatch('orders', [{ value: 'perhaps', partition: 0 }]).catch((error: BatchDeliveryError) => {
        throw (error.results[0] as PromiseRejectedResult).reason
      }),
  },
}

describe.each(Object.entries(places))('a transaction of which something got no answer, on %s', (_name, place) => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  let under: ClientUnderTest

  beforeEach(async () => {
    under = await place({ defaultPartitions: 2, clock, runtime })
  })
  afterEach(() => inTime(under.close(), clock))

  it.each(
    Object.entries(lostParts).flatMap(([what, part]) => [
      [what, 'failed', part] as const,
      [what, 'unknown', part] as const,
    ]),
  )('which is %s: its outcome is %s as the abort is answered or not', async (_what, outcome, part) => {
    const { kafka, faults } = under
    const producer = createTransactionalProducer(under.transport, {
      transactionalId: 'invoicer',
      deliveryTimeout: '5s',
      runtime,
    })
    await inTime(kafka.produce('orders', 'read', { partition: 0 }), clock)
    const consumer = kafka.consumer('orders', { group: 'g', autoCommit: false })
    await inTime(consumer.next(), clock)
    let thrown: unknown
    const failing = producer.transaction(async (tx) => {
      await tx.send('invoices', 'perhaps')
      const operations: OperationName[] = outcome === 'failed' ? [part.operation] : [part.operation, 'endTxn']
      faults.atRandom({ lostAnswer: 1, operations })
      await part.act(tx, consumer).catch((error: unknown) => {
        thrown = error
        throw error
      })
    })
    const told: unknown = await inTime(failing, clock).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ outcome: 'unknown' })
    expect(told).toMatchObject({ outcome, message: (thrown as KafkaError).message, code: (thrown as KafkaError).code })
    expect(told).toBeInstanceOf((thrown as KafkaError).constructor)
    faults.clear()
    await inTime(consumer.close(), clock)
    const { offsets } = await inTime(kafka.admin.describeGroup('g'), clock)
    expect(offsets.filter(({ committed }) => (committed ?? 0) > 0)).toEqual([])
    await inTime(producer.close(), clock)
  })
})
