import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { codeOf, type KafkaErrorName, produce, type ResponseOf } from '@kafkado/core'
import type { ProduceRequest, ProduceResponse } from '@kafkado/core/protocol'
import { readRecordBatchHeader } from '@kafkado/core/internal'
import { createTopicWriter } from '@kafkado/producer/internal'
import {
  createProducer,
  defineTopic,
  DisconnectedError,
  intercept,
  type KafkaError,
  type Producer,
  type ProducerConfig,
  seededRandom,
  SerializationError,
  type Transport,
} from 'kafkado'
import { ManualClock } from '@kafkado/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deferred } from '../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../tests/passing-time.ts'

type Answer = 'carried out' | 'silence' | 'broken' | 'answered without the partition' | KafkaErrorName

describe('what a producer says of a record that it gives up', () => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  let engine: ReturnType<typeof memory>
  let transport: Transport
  /** What becomes of a request to produce, by the sequence number of its batch. */
  let answer: (sequence: number, attempt: number) => Answer
  let sent: { readonly epoch: number; readonly sequence: number }[]

  beforeEach(() => {
    engine = memory({ defaultPartitions: 1 })
    sent = []
    answer = () => 'carried out'
    transport = intercept(engine, (next) => async (operation, request, options) => {
      if (operation.name !== produce.name) return next(operation, request, options)
      const [batch] = (request as ProduceRequest).topics[0]?.partitions ?? []
      const { baseSequence: sequence, producerEpoch: epoch } = readRecordBatchHeader(batch?.records as Uint8Array)
      sent.push({ epoch, sequence })
      const what = answer(sequence, sent.filter((one) => one.sequence === sequence && one.epoch === epoch).length)
      if (what === 'carried out') return next(operation, request, options)
      if (what === 'silence') return new Promise(() => undefined)
      if (what === 'broken') throw new DisconnectedError('the connection broke')
      const partitions =
        what === 'answered without the partition'
          ? []
          : [{ partition: 0, errorCode: codeOf(what), baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 }]
      const response: ProduceResponse = { throttleTimeMs: 0, topics: [{ topic: 'orders', partitions }] }
      return response as ResponseOf<typeof operation>
    })
  })
  afterEach(() => engine.close())

  const producer = (config: ProducerConfig = {}): Producer<unknown> =>
    createProducer(transport, 'orders', { runtime, deliveryTimeout: '5s', batchSize: 1, ...config })
  const outcomeOf = (delivered: Promise<unknown>): Promise<string> =>
    inTime(
      delivered.then(
        () => 'delivered',
        (error: KafkaError) => error.outcome,
      ),
      clock,
    )

  it.each([
    ['NOT_LEADER_OR_FOLLOWER', 'failed'],
    ['NOT_ENOUGH_REPLICAS', 'failed'],
    ['INVALID_RECORD', 'failed'],
    ['TOPIC_AUTHORIZATION_FAILED', 'failed'],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'unknown'],
    ['REQUEST_TIMED_OUT', 'unknown'],
    ['NETWORK_EXCEPTION', 'unknown'],
    ['KAFKA_STORAGE_ERROR', 'unknown'],
    ['UNKNOWN_SERVER_ERROR', 'unknown'],
    ['answered without the partition', 'unknown'],
    ['broken', 'unknown'],
  ] as const)('after %s: %s', async (what, outcome) => {
    answer = () => what
    expect(await outcomeOf(producer({ retries: 0 }).send(1))).toBe(outcome)
  })

  it('once an attempt may have been carried out, what follows does not make it failed', async () => {
    answer = (_, attempt) => (attempt === 1 ? 'broken' : 'INVALID_RECORD')
    expect(await outcomeOf(producer().send(1))).toBe('unknown')
  })

  it('a batch behind one that may still arrive is not numbered anew: a copy of it could be appended as well', async () => {
    const one = producer({ maxInFlight: 2 })
    await inTime(one.send('proof'), clock)
    // The second batch is lost on the way and may still arrive, so the third is out of order until then.
    answer = (sequence) =>
      sequence === 1 ? 'silence' : sequence === 2 ? 'OUT_OF_ORDER_SEQUENCE_NUMBER' : 'carried out'
    const second = one.send('second').catch((error: KafkaError) => error.outcome)
    await until(() => sent.length === 2)
    clock.advance(1000)
    const third = outcomeOf(one.send('third'))
    expect(await second).toBe('unknown')
    expect(await third).toBe('unknown')
    const { epoch } = sent[0] as { epoch: number }
    expect(sent.every((batch) => batch.epoch === epoch)).toBe(true)
    // Later batches cannot overtake these two.
    answer = () => 'carried out'
    expect(await inTime(one.send('fourth'), clock)).toMatchObject({ offset: 1 })
    expect(sent.at(-1)).toEqual({ epoch: epoch + 1, sequence: 0 })
  })

  it('a batch behind one that was refused for good is numbered anew, and written', async () => {
    const one = producer({ maxInFlight: 2 })
    await inTime(one.send('proof'), clock)
    const { epoch } = sent[0] as { epoch: number }
    let isHeld = true
    answer = (sequence) => (sequence === 1 ? 'INVALID_RECORD' : 'carried out')
    const held = transport.send
    transport.send = (async (operation, request, options) => {
      const response = await held(operation, request, options)
      // The first of the two is answered last.
      if (operation.name === produce.name && sent.length === 2 && isHeld) await until(() => sent.length === 3)
      isHeld = false
      return response
    }) as Transport['send']
    const second = outcomeOf(one.send('second'))
    await turn()
    const third = one.send('third')
    expect(await second).toBe('failed')
    expect(await inTime(third, clock)).toMatchObject({ offset: 1 })
    expect(sent.at(-1)).toEqual({ epoch: epoch + 1, sequence: 0 })
  })

  it('a batch that may have been written is not split when another attempt finds it too large', async () => {
    answer = (_, attempt) => (attempt === 1 ? 'broken' : attempt === 2 ? 'MESSAGE_TOO_LARGE' : 'carried out')
    const one = producer({ batchSize: 16_384 })
    expect(await Promise.all([outcomeOf(one.send('first')), outcomeOf(one.send('second'))])).toEqual([
      'unknown',
      'unknown',
    ])
    expect(sent.map(({ sequence }) => sequence)).toEqual([0, 0])
  })

  it('the halves of a batch that is too large have no more time than it had', async () => {
    const startMs = clock.monotonic()
    const elapsedMs = (): number => clock.monotonic() - startMs
    let isSplit = false
    answer = () => {
      if (isSplit || elapsedMs() < 3000) return 'NOT_LEADER_OR_FOLLOWER'
      isSplit = true
      return 'MESSAGE_TOO_LARGE'
    }
    const one = producer({ batchSize: 16_384 })
    const failing = Promise.allSettled([one.send('first'), one.send('second')])
    const results = await inTime(failing, clock)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(isSplit).toBe(true)
    expect(elapsedMs()).toBeLessThan(5100)
  })

  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]], [[2, 0, 1]]])(
    'batches that were refused for now are sent again in their order, whatever the order %j of the answers',
    async (order) => {
      const one = producer({ maxInFlight: 3, batchSize: 0 })
      await inTime(one.send('proof'), clock)
      answer = (_, attempt) => (attempt === 1 ? 'NOT_LEADER_OR_FOLLOWER' : 'carried out')
      const go = order.map(() => deferred())
      const plain = transport.send
      transport.send = (async (operation, request, options) => {
        const place = operation.name === produce.name ? sent.length - 1 : -1
        const response = await plain(operation, request, options)
        await go[place]?.promise
        return response
      }) as Transport['send']
      const sending: ReturnType<typeof one.send>[] = []
      for (const value of ['a', 'b', 'c']) {
        sending.push(one.send(value))
        await turn()
      }
      await until(() => sent.length === 4)
      for (const place of order) {
        go[place]?.resolve()
        await turn()
      }
      expect((await inTime(Promise.all(sending), clock)).map(({ offset }) => offset)).toEqual([1, 2, 3])
      expect(sent.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 1, 2, 3])
    },
  )

  it('batches go one at a time until the server has taken one, and while others wait to be sent again', async () => {
    const one = producer({ maxInFlight: 3, batchSize: 0 })
    const plain = transport.send
    let held: ReturnType<typeof deferred> | undefined = deferred()
    transport.send = (async (operation, request, options) => {
      const response = await plain(operation, request, options)
      if (operation.name === produce.name) await held?.promise
      return response
    }) as Transport['send']
    const sending: Promise<unknown>[] = []
    const send = async (...values: string[]): Promise<void> => {
      for (const value of values) {
        sending.push(one.send(value))
        for (let turns = 0; turns < 5; turns++) await turn()
      }
    }
    const sequences = (): number[] => sent.map(({ sequence }) => sequence)
    const letGo = (): void => {
      held?.resolve(undefined)
      held = undefined
    }
    await send('a', 'b', 'c')
    expect(sequences()).toEqual([0])
    letGo()
    await inTime(Promise.all(sending), clock)
    answer = (_, attempt) => (attempt === 1 ? 'NOT_LEADER_OR_FOLLOWER' : 'carried out')
    held = deferred()
    await send('d', 'e', 'f')
    expect(sequences()).toEqual([0, 1, 3, 4, 5])
    letGo()
    held = deferred()
    await until(() => sent.length > 5, clock)
    const endMs = clock.monotonic() + 1000
    await until(() => clock.monotonic() > endMs, clock)
    expect(sequences()).toEqual([0, 1, 3, 4, 5, 3])
    letGo()
    await inTime(Promise.all(sending), clock)
  })

  it('what is on its way when its transaction is aborted may have been written; what waits was not', async () => {
    const topic = defineTopic('orders', { value: 'string' })
    const one = createTopicWriter(transport, topic, { runtime, batchSize: 1 })
    await inTime(one.send(topic, { value: 'proof' }), clock)
    answer = () => 'silence'
    const onItsWay = outcomeOf(one.send(topic, { value: 'on its way' }))
    await until(() => sent.length === 2)
    const waiting = outcomeOf(one.send(topic, { value: 'waiting' }))
    one.giveUp(new DisconnectedError('aborted', { outcome: 'failed', retriable: false }))
    expect([await onItsWay, await waiting]).toEqual(['unknown', 'failed'])
  })

  it('a batch that was closed by a record which cannot be written leaves in its time, as others do', async () => {
    const config = { runtime, deliveryTimeout: '5s', retryBackoffMs: 2500, maxRequestBytes: 300 } as const
    const one = createProducer(transport, defineTopic('orders', { value: 'string' }), config)
    await inTime(one.send('proof'), clock)
    answer = () => 'NOT_LEADER_OR_FOLLOWER'
    const startMs = clock.monotonic()
    const first = one.send('first').catch((error: KafkaError) => error.outcome)
    await until(() => clock.monotonic() >= startMs + 4800, clock)
    // Two attempts, so that the partition is held back for longer than the first batch has left.
    expect(sent).toHaveLength(3)
    const second = one.send('second')
    await expect(one.send('\ud800'.repeat(150))).rejects.toThrow(SerializationError)
    answer = () => 'carried out'
    expect(await inTime(first, clock)).toBe('unknown')
    expect(await inTime(second, clock)).toMatchObject({ offset: 1 })
  })

  it('counts and publishes what was refused before it was in a batch', async () => {
    const one = producer()
    await Promise.allSettled([one.send('x', { timestamp: null as never }), one.send(undefined)])
    expect(one.metrics()).toMatchObject({ recordsFailed: 2, recordsDelivered: 0 })
  })
})
