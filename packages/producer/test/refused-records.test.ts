import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { bytes, defineTopic, type KafkaRecord, type RecordMetadata } from '@kafkado/core'
import { createTransactionalProducer, type RecordOptions } from '@kafkado/producer'
import { isWhole, offer } from '@kafkado/producer/internal'
import fc from 'fast-check'
import { KafkaClient } from 'kafkado'
import { describe, expect, it } from 'vitest'

interface Sent {
  readonly what: 'taken' | 'too large' | 'without a key'
  /** Whether it is sent after the records before it, in a later turn. */
  readonly isLater: boolean
}

const topic = defineTopic('compacted', { key: bytes(), value: bytes() })
const config = { 'max.message.bytes': '500', 'cleanup.policy': 'compact' }

const someSent: fc.Arbitrary<Sent[]> = fc.array(
  fc.record({
    what: fc.oneof(
      { weight: 3, arbitrary: fc.constant('taken' as const) },
      { weight: 1, arbitrary: fc.constantFrom('too large' as const, 'without a key' as const) },
    ),
    isLater: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  }),
  { minLength: 1, maxLength: 40 },
)

type Send = (value: Uint8Array, options: RecordOptions<Uint8Array>) => Promise<RecordMetadata>

/** Sends them by number. @returns for each record its offset, or the name of its error */
async function sendAll(sent: readonly Sent[], send: Send): Promise<(number | string)[]> {
  const sending: Promise<number | string>[] = []
  for (const [number, { what, isLater }] of sent.entries()) {
    if (isLater) for (let count = 0; count < 5; count++) await turn()
    const value = new Uint8Array(what === 'too large' ? 1000 : 60).fill(number)
    const key = what === 'without a key' ? {} : { key: Uint8Array.of(number) }
    sending.push(
      send(value, key).then(
        ({ offset }) => offset,
        (error: Error) => error.name,
      ),
    )
  }
  return Promise.all(sending)
}

/** The numbers of the records that readers see, by offset. */
async function seen(kafka: KafkaClient): Promise<Map<number, number>> {
  const end = await kafka.produce(topic, new Uint8Array(), { key: Uint8Array.of(255) })
  const consumer = kafka.consumer(topic)
  const numbers = new Map<number, number>()
  const next = (): Promise<KafkaRecord<Uint8Array, Uint8Array | null>> => consumer.next()
  for (let record = await next(); record.offset < end.offset; record = await next())
    numbers.set(record.offset, record.value[0] as number)
  await consumer.close()
  return numbers
}

const isTaken = ({ what }: Sent): boolean => what === 'taken'
const numbersOf = (sent: readonly Sent[]): number[] => [...sent.keys()].filter((one) => isTaken(sent[one] as Sent))
const inOrder = (numbers: Map<number, number>): number[] =>
  [...numbers].toSorted(([one], [other]) => one - other).map(([, number]) => number)

describe.each([1, 5])('records that a topic refuses, up to %i requests at a time', (maxInFlight) => {
  const within = async (check: (kafka: KafkaClient, engine: ReturnType<typeof memory>) => Promise<void>) => {
    const engine = memory()
    const kafka = new KafkaClient(engine)
    try {
      await kafka.admin.createTopic(topic.name, { partitions: 1, config })
      await check(kafka, engine)
    } finally {
      await kafka.close()
      await engine.close()
    }
  }

  it.each([1, 400, 16_384])('take no other one with them, in batches of %i bytes', async (batchSize) => {
    await fc.assert(
      fc.asyncProperty(someSent, (sent) =>
        within(async (kafka) => {
          const producer = kafka.producer(topic, { maxInFlight, batchSize })
          const results = await sendAll(sent, (value, options) => producer.send(value, options))
          expect(results.map((result) => typeof result === 'number')).toEqual(sent.map(isTaken))
          expect(inOrder(await seen(kafka))).toEqual(numbersOf(sent))
        }),
      ),
      { numRuns: 25 },
    )
  })

  it.each([1, 400, 16_384])('can be left out of a transaction, in batches of %i bytes', async (batchSize) => {
    await fc.assert(
      fc.asyncProperty(someSent, (sent) =>
        within(async (kafka, engine) => {
          const producer = createTransactionalProducer(engine, { transactionalId: 'id', maxInFlight, batchSize })
          let isCommittable = true
          const running = producer.transaction(async (transaction) => {
            const results = await sendAll(sent, (value, options) => offer(transaction, topic, { ...options, value }))
            isCommittable = isWhole(transaction)
            if (isCommittable) expect(results.map((result) => typeof result === 'number')).toEqual(sent.map(isTaken))
          })
          const outcome = await running.then(
            () => 'committed',
            () => 'aborted',
          )
          // With one request at a time, nothing is in flight behind a refused record.
          if (maxInFlight === 1) expect(isCommittable).toBe(true)
          expect(outcome).toBe(isCommittable ? 'committed' : 'aborted')
          expect(inOrder(await seen(kafka))).toEqual(isCommittable ? numbersOf(sent) : [])
          await producer.close()
        }),
      ),
      { numRuns: 25 },
    )
  })
})
