import fc from 'fast-check'
import {
  BatchDeliveryError,
  defineTopic,
  InvalidRequestError,
  KafkaError,
  type Message,
  SerializationError,
  type TopicTransaction,
  type Transaction,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, places } from '../../../tests/clients/client-places.ts'

const garbage = fc.constantFrom<unknown>(
  undefined,
  5,
  Number.NaN,
  true,
  5n,
  { length: 3 },
  ['x', 'y'],
  new Map([['a', 1]]),
  new Date(0),
  Symbol('x'),
  () => 1,
  new ArrayBuffer(3),
  Promise.resolve('x'),
  'half \ud800 of a pair',
)
const notTime = fc.constantFrom<unknown>(
  null,
  '',
  '5',
  Number.NaN,
  -1,
  1.5,
  5n,
  new Date('never'),
  new Date(-1),
  {},
  [],
)
const notPartition = fc.constantFrom<unknown>(null, '1', 1.5, Number.NaN, -1, 1n, {}, 7)
const isText = (value: unknown): boolean => typeof value === 'string' && !/\p{Surrogate}/u.test(value)

type Loose = Omit<Message<unknown>, 'value'> & { value: unknown }

/** Records with one bad field, and the word that their error must contain. */
const bad: fc.Arbitrary<{ message: Loose; word: RegExp }> = fc.oneof(
  garbage.map((wrong) => ({
    message: { value: 'x', headers: { 'trace-id': wrong } as never },
    word: /trace-id/,
  })),
  garbage.map((wrong) => ({
    message: {
      value: 'x',
      headers: [
        ['trace-id', 'a'],
        [wrong, 'b'],
      ] as never,
    },
    word: /header/,
  })),
  garbage
    .filter((wrong) => wrong !== undefined && typeof wrong !== 'string')
    .map((wrong) => ({ message: { value: 'x', headers: wrong as never }, word: /header/ })),
  garbage
    .filter((wrong) => wrong !== undefined)
    .map((wrong) => ({ message: { value: 'x', key: wrong as never }, word: /key/ })),
  garbage.map((wrong) => ({ message: { value: { bytes: wrong } }, word: /value/ })),
  notTime.map((wrong) => ({ message: { value: 'x', timestamp: wrong as never }, word: /timestamp/ })),
  notPartition.map((wrong) => ({ message: { value: 'x', partition: wrong as never }, word: /partition/ })),
)

describe.each(Object.entries(places))('records that are none, on %s', (_name, place) => {
  let under: ClientUnderTest

  beforeEach(async () => {
    under = await place({ defaultPartitions: 1 })
  })
  afterEach(() => under.close())

  /** A serde that passes `bytes` through, whatever they are, as a faulty one would. */
  const careless = (name: string) =>
    defineTopic(name, {
      value: {
        serialize: (value: unknown) =>
          typeof value === 'string' ? new TextEncoder().encode(value) : (value as { bytes: never }).bytes,
        deserialize: (bytes: Uint8Array): unknown => new TextDecoder().decode(bytes),
      },
    })

  it('are refused alone, by name; their neighbours are written in their order and can be read', async () => {
    let run = 0
    const good = fc.record({
      value: fc.string({ maxLength: 20 }).filter(isText),
      headers: fc.constant({ 'trace-id': 't' }),
    })
    const sends = fc.array(
      fc.oneof(
        { weight: 2, arbitrary: good.map((message) => ({ message, word: undefined })) },
        { weight: 1, arbitrary: bad },
      ),
      { minLength: 1, maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(sends, async (records) => {
        const topic = careless(`records-${run++}`)
        await under.kafka.admin.createTopic(topic.name, { partitions: 1 })
        const producer = under.kafka.producer(topic)
        const wanted = records.filter(({ word }) => !word).map(({ message }) => message.value)
        const told = await Promise.allSettled(
          records.map(({ message: { value, ...options } }) => producer.send(value as never, options as never)),
        )
        await producer.send('last')
        told.forEach((outcome, index) => {
          const { word } = records[index] as (typeof records)[number]
          if (!word) expect(outcome.status).toBe('fulfilled')
          else {
            expect(outcome).toMatchObject({ status: 'rejected', reason: { outcome: 'failed', retriable: false } })
            expect(((outcome as PromiseRejectedResult).reason as Error).message).toMatch(word)
          }
        })
        const read = await collect(under.kafka.consumer(topic).take(wanted.length + 1))
        expect(read.map(({ value, headers }) => [value, headers['trace-id']])).toEqual([
          ...wanted.map((value) => [value, 't']),
          ['last', undefined],
        ])
      }),
      { numRuns: 40 },
    )
  })

  it('a batch says of each record what became of it', async () => {
    const batch = [
      { value: 1 },
      { value: 2, headers: { bad: 5 as never } },
      { value: 3, timestamp: null as never },
      { value: 4 },
    ]
    const error = (await under.kafka
      .producer('orders')
      .sendBatch(batch)
      .catch((reason: unknown) => reason)) as BatchDeliveryError
    expect(error).toBeInstanceOf(BatchDeliveryError)
    expect(error).toMatchObject({
      code: 'BATCH_DELIVERY',
      name: 'BatchDeliveryError',
      retriable: false,
      outcome: 'unknown',
    })
    expect(error.message).toMatch(/^topic 'orders': 2 of 4 records were not delivered; the first: .*'bad'/)
    expect(
      error.results.map((result) =>
        result.status === 'fulfilled' ? result.value.offset : (result.reason as KafkaError).outcome,
      ),
    ).toEqual([0, 'failed', 'failed', 1])
    const nothing = under.kafka.producer('orders').sendBatch([{ value: 1, timestamp: -1 }])
    await expect(nothing).rejects.toMatchObject({ outcome: 'failed', retriable: false })
    expect((await collect(under.kafka.consumer('orders').take(2))).map(({ value }) => value)).toEqual([1, 4])
  })

  it('what is sent in a wrong way is refused by an error of our own, and no transaction counts without it', async () => {
    const { kafka } = under
    await kafka.admin.createTopic('asked', { partitions: 1 })
    const detached = new Uint8Array(3)
    structuredClone(detached.buffer, { transfer: [detached.buffer] })
    const raw = defineTopic('asked', { value: 'bytes' })
    const sparse = Object.assign([1], { 2: 2 })
    const sparseHeaders = Object.assign([], { 1: ['a', 'b'] })
    type Sends = (tx: never) => unknown
    const calls: readonly (readonly [name: string, call: Sends])[] = [
      ['a key in place of options', (tx: Transaction) => tx.send('asked', 1, 'key' as never)],
      ['a name that is none', (tx: Transaction) => tx.send('no name!', 1)],
      ['a topic that is none', (tx: Transaction) => tx.send({} as never, 1)],
      ['a topic without serdes', (tx: Transaction) => tx.send({ name: 'asked' } as never, 1)],
      ['no topic', (tx: Transaction) => tx.send(undefined as never, 1)],
      ['a batch of a name that is none', (tx: Transaction) => tx.sendBatch('no name!', [1])],
      ['a batch that is no list', (tx: Transaction) => tx.sendBatch('asked', new Set([1]) as never)],
      ['no batch', (tx: Transaction) => tx.sendBatch('asked', undefined as never)],
      ['a batch with a hole', (tx: Transaction) => tx.sendBatch('asked', sparse)],
      ['headers with a hole', (tx: Transaction) => tx.send('asked', 1, { headers: sparseHeaders as never })],
      ['bytes of another thread', (tx: Transaction) => tx.send(raw, detached)],
      ['a key of another thread', (tx: Transaction) => tx.send('asked', 1, { key: detached as never })],
      ['offsets of nobody', (tx: Transaction) => tx.commitOffsets(undefined as never)],
      ['offsets of a number', (tx: Transaction) => tx.commitOffsets(5 as never)],
      ['offsets of what was never read', (tx: Transaction) => tx.commitOffsets([{ topic: 'asked' }] as never)],
      ['offsets of a producer', (tx: Transaction) => tx.commitOffsets(kafka.producer('asked') as never)],
    ] as never
    for (const [name, call] of calls) {
      let told: unknown
      const transaction = kafka.transaction(async (tx) => {
        await tx.send('asked', name)
        // Catching a send's rejection must not let the transaction commit without that record.
        await (call(tx as never) as Promise<unknown>).catch((error: unknown) => (told = error))
      })
      await expect(transaction, name).rejects.toMatchObject({ outcome: 'failed' })
      expect(KafkaError.is(told), `${name}: ${String(told)}`).toBe(true)
    }
    const producer = kafka.producer('asked')
    const outside: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['a key in place of options', () => producer.send(1, 'key' as never)],
      ['a raw value likewise', () => producer.sendRaw(new Uint8Array(1), 'key' as never)],
      ['a list that is none', () => producer.sendBatch('abc' as never)],
      ['a list with a hole', () => producer.sendBatch(sparse)],
      ['bytes of another thread', () => kafka.produce(raw, detached)],
      ['a header of another thread', () => producer.send(1, { headers: { a: detached } })],
      ['options of a transaction', () => kafka.transaction('asked', (tx) => tx.send(1), { timeut: 5 } as never)],
      ['an id in place of them', () => kafka.transaction('asked', (tx) => tx.send(1), 'id' as never)],
      ['a signal that is none', () => kafka.transaction((tx) => tx.send('asked', 1), { signal: true } as never)],
    ]
    for (const [name, call] of outside) {
      const error: unknown = await call().catch((reason: unknown) => reason)
      expect(KafkaError.is(error), `${name}: ${String(error)}`).toBe(true)
    }
    await kafka.transaction('asked', ((tx: TopicTransaction) => void tx.send('without a promise')) as never)
    const read = await collect(kafka.consumer('asked').take(3))
    expect(read.map(({ value }) => value)).toEqual([1, 2, 'without a promise'])
  })

  it.each([5, null, [], { serialize: () => 1 }, 'text', 'constructor'])('%j describes no value', (value) => {
    expect(() => defineTopic('orders', { value: value as never })).toThrow(InvalidRequestError)
  })

  it('a batch that may be sent again says so', async () => {
    const producer = under.kafka.producer('orders', { retries: 0 })
    await producer.send(0)
    under.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    await expect(producer.sendBatch([1, 2])).rejects.toMatchObject({
      outcome: 'failed',
      retriable: true,
      kafkaName: 'NOT_LEADER_OR_FOLLOWER',
    })
    under.faults.loseAnswer('produce')
    await expect(producer.sendBatch([1, 2])).rejects.toMatchObject({ outcome: 'unknown', retriable: true })
  })

  it('a batch in a transaction aborts it, and says of each record what became of it', async () => {
    const failing = under.kafka.transaction('orders', (tx) => tx.sendBatch([{ value: 1 }, { value: 2, partition: -1 }]))
    await expect(failing).rejects.toBeInstanceOf(BatchDeliveryError)
    await under.kafka.transaction('orders', (tx) => tx.sendBatch([3]))
    expect((await collect(under.kafka.consumer('orders').take(1))).map(({ value }) => value)).toEqual([3])
  })

  it('keeps headers whose names repeat or whose value is null, also of dead letters and other ways round', async () => {
    const headers = [
      ['a', '1'],
      ['b', null],
      ['a', new Uint8Array([0xff])],
    ] as const
    await under.kafka.produce('orders', 1, { headers })
    const [record] = await collect(under.kafka.consumer('orders').take(1))
    const bytes = [
      ['a', new TextEncoder().encode('1')],
      ['b', null],
      ['a', new Uint8Array([0xff])],
    ]
    expect(record?.rawHeaders).toEqual(bytes)
    await under.kafka.produce('copies', 1, { headers: record?.rawHeaders })
    const [copy] = await collect(under.kafka.consumer('copies').take(1))
    expect(copy?.rawHeaders).toEqual(bytes)
  })

  it('a serde that answers later is told so, and what it rejects with ends nothing', async () => {
    const topic = defineTopic('later', {
      value: {
        serialize: (() => Promise.reject(new Error('late'))) as never,
        deserialize: (bytes: Uint8Array): unknown => bytes,
      },
    })
    const sent = under.kafka.producer(topic).send('x')
    await expect(sent).rejects.toThrow(
      /topic 'later': the value cannot be written: the serde returned a Promise; .*not by a Promise/,
    )
    await expect(sent).rejects.toBeInstanceOf(SerializationError)
  })
})
