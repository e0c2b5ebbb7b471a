import { intercept, type Interceptor } from '@kafkado/core'
import { ManualClock } from '@kafkado/testing'
import { type Consumer, type ConsumerConfig, createConsumer, seededRandom, type Transport } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../../tests/clients/client-places.ts'
import { inTime } from '../../../../tests/passing-time.ts'

const soughtMs = 5000

/** Ways to make a reader begin at the first record of a time. */
const ways: Record<string, { readonly config: ConsumerConfig; begin(consumer: Consumer<number>): Promise<unknown> }> = {
  'the option offset': {
    config: { group: undefined, offset: { timestamp: soughtMs } },
    begin: (consumer) => consumer.next(),
  },
  'the option offset, in a group': {
    config: { group: 'g', offset: { timestamp: soughtMs } },
    begin: (consumer) => consumer.next(),
  },
  'seekToTimestamp() before reading': {
    config: { group: 'g' },
    begin: async (consumer) => {
      await consumer.seekToTimestamp(soughtMs)
      return consumer.next()
    },
  },
  'seekToTimestamp() while reading': {
    config: { group: 'g' },
    begin: async (consumer) => {
      await consumer.next()
      await consumer.seekToTimestamp(soughtMs)
      return consumer.next()
    },
  },
}

describe.each(Object.entries(places))('reading from a time on, on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let transport: Transport
  /** The records to write, one after each of the client's requests for offsets. */
  let meanwhile: [value: number, timestamp: number][]
  let consumer: Consumer<number> | undefined

  const write = (value: number, timestamp: number): Promise<unknown> =>
    under.kafka.produce('numbers', value, { timestamp })

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({ clock, heartbeatInterval: 100 })
    await under.kafka.admin.createTopic('numbers', { partitions: 1 })
    await write(0, 1000)
    meanwhile = []
    const writing: Interceptor = (next) => async (operation, request, options) => {
      const response = await next(operation, request, options)
      const record = operation.name === 'listOffsets' ? meanwhile.shift() : undefined
      if (record) await write(...record)
      return response
    }
    transport = intercept(under.transport, writing)
  })
  afterEach(async () => {
    if (consumer) await inTime(consumer.close(), clock)
    await under.close()
  })

  const firstOf = async (way: (typeof ways)[string]): Promise<unknown> => {
    const runtime = { clock, random: seededRandom(1) }
    consumer = createConsumer<number>(transport, 'numbers', { autoCommit: false, runtime, ...way.config })
    return ((await inTime(way.begin(consumer), clock)) as { readonly value: number }).value
  }

  it('seekToTimestamp() that is under way when the consumer closes says so', async () => {
    const silent: Interceptor = (next) => (operation, request, options) =>
      isSilent && operation.name === 'listOffsets' ? new Promise(() => undefined) : next(operation, request, options)
    let isSilent = false
    const runtime = { clock, random: seededRandom(1) }
    const config: ConsumerConfig = { group: 'g', autoCommit: false, closeTimeout: '2s', runtime }
    consumer = createConsumer<number>(intercept(transport, silent), 'numbers', config)
    await inTime(consumer.next(), clock)
    isSilent = true
    const seeking = consumer.seekToTimestamp(soughtMs).catch((error: unknown) => error)
    const closing = consumer.close()
    expect(await inTime(seeking, clock)).toMatchObject({ code: 'DISCONNECTED', outcome: 'failed', retriable: false })
    await inTime(closing, clock)
  })

  describe.each(Object.entries(ways))('by %s', (how, way) => {
    it('begins at the first record that is as young', async () => {
      await write(1, 4999)
      await write(2, 5000)
      await write(3, 4000)
      await write(4, 6000)
      expect(await firstOf(way)).toBe(2)
    })

    // The client decides the order of its requests, so a record is written after each of them.
    it('passes over no record that comes while it is looked for', async () => {
      const isAsked = how === 'seekToTimestamp() while reading'
      if (isAsked) meanwhile.push([1, 1000])
      meanwhile.push([10, 6000], [11, 7000], [12, 8000])
      expect(await firstOf(way)).toBe(10)
    })
  })
})
