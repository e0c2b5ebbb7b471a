import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  createTransactionalProducer,
  defineTopic,
  DisconnectedError,
  type KafkaRecord,
  seededRandom,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, deferred, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink, type Which } from '../../../../tests/clients/unreliable-link.ts'

const closeTimeoutMs = 2000
const never = (): Promise<never> => new Promise(() => undefined)

/** Handles a record; it also hears when the record was given out. */
type Handle = (record: KafkaRecord<string>) => unknown

/** The ways of reading; each returns what closing makes of it. */
const readings: Record<string, (consumer: Consumer<string>, handle: Handle) => Promise<unknown>> = {
  loop: (consumer, handle) => consumer.forEach(handle),
  batches: (consumer, handle) =>
    consumer.batches({ size: 10, timeout: 10 }).forEach(({ records }) => Promise.all(records.map(handle))),
  parallel: (consumer, handle) => consumer.parallel({ concurrency: 2 }, handle),
  'next()': async (consumer, handle) => {
    for (;;) {
      let record: KafkaRecord<string>
      try {
        record = await consumer.next()
      } catch (error) {
        if (DisconnectedError.is(error)) return
        throw error
      }
      await handle(record)
    }
  },
}

/** The client's activity at the moment of closing. */
interface Moment {
  /** Requests of these operations get no answer. */
  readonly silent?: Which
  readonly config?: (consumer: () => Consumer<string>, reached: () => void) => ConsumerConfig
  /** Called with each record, to close while a record is being processed. */
  readonly handle?: (at: {
    consumer: Consumer<string>
    link: UnreliableLink
    record: KafkaRecord<string>
    reached: () => void
  }) => unknown
  /** Reading does not end, because a handler does not. */
  readonly neverEnds?: readonly string[]
}

const isJoining: Which = (operation, { memberEpoch }) => operation === 'consumerGroupHeartbeat' && memberEpoch === 0
const isBeating: Which = (operation, { memberEpoch }) =>
  operation === 'consumerGroupHeartbeat' && (memberEpoch as number) > 0
const isLeaving: Which = (operation, { memberEpoch }) =>
  operation === 'consumerGroupHeartbeat' && (memberEpoch as number) < 0

const hanging =
  (name: 'onAssigned' | 'onRevoked' | 'onLost', how: 'never ends' | 'closes') =>
  (consumer: () => Consumer<string>, reached: () => void): ConsumerConfig => ({
    [name]: () => {
      reached()
      return how === 'closes' ? consumer().close() : never()
    },
  })

const afterRecord: Moment['handle'] = ({ reached }) => reached()

const moments: Record<string, Moment> = {
  'nothing hangs': { handle: afterRecord },
  'no answer to the first metadata': { silent: named('metadata') },
  'no answer to joining': { silent: isJoining },
  'no answer to the offsets of the group': { silent: named('offsetFetch') },
  'no answer to where the partition ends': { silent: named('listOffsets'), config: () => ({ offset: 'latest' }) },
  'no answer to a fetch': { silent: named('fetch') },
  'no answer to an automatic commit': { silent: named('offsetCommit'), config: () => ({ autoCommitInterval: 100 }) },
  'no answer to a heartbeat': { silent: isBeating },
  'no answer to the last commit': { silent: named('offsetCommit'), handle: afterRecord },
  'no answer to leaving': { silent: isLeaving, handle: afterRecord },
  'no answer to anything': {
    handle: ({ link, reached }) => {
      link.silence(() => true)
      reached()
    },
  },
  'onAssigned never ends': { config: hanging('onAssigned', 'never ends') },
  'onAssigned closes': { config: hanging('onAssigned', 'closes') },
  'onRevoked never ends': { config: hanging('onRevoked', 'never ends'), handle: afterRecord },
  'onRevoked closes': { config: hanging('onRevoked', 'closes'), handle: afterRecord },
  ...Object.fromEntries(
    (['never ends', 'closes'] as const).map((how) => [
      `onLost ${how}`,
      {
        config: hanging('onLost', how),
        handle: ({ link }: { link: UnreliableLink }) => link.silence(named('consumerGroupHeartbeat')),
      },
    ]),
  ),
  'a handler never ends': {
    handle: ({ reached }) => {
      reached()
      return never()
    },
    neverEnds: Object.keys(readings),
  },
  'a handler closes': {
    handle: ({ consumer, reached }) => {
      reached()
      return consumer.close()
    },
  },
  'a record that is put aside is not written': {
    silent: named('produce'),
    config: () => ({ onInvalid: { deadLetter: 'dead' } }),
  },
  'a transaction is not decided': {
    handle: ({ record, link, reached }) => {
      if (tests.running.length > 0) return
      const producer = createTransactionalProducer(link.transport, { transactionalId: 'one' })
      const running = producer.transaction(async (tx) => {
        await tx.commitOffsets([record])
        reached()
        await tests.end.promise
      })
      tests.running.push(running.then(() => producer.close()))
    },
  },
}

/** Work that runs beside the consumer until the test ends. */
let tests: { end: { promise: Promise<void>; resolve(): void }; running: Promise<unknown>[] }

describe.each(Object.entries(places))('close() of a consumer on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock

  beforeEach(async () => {
    tests = { end: deferred(), running: [] }
    clock = new ManualClock()
    under = await place({ clock, heartbeatInterval: 100, sessionTimeout: '2s' })
  })
  afterEach(async () => {
    tests.end.resolve()
    await Promise.all(tests.running)
    await under.close()
  })

  const cases = Object.keys(moments).flatMap((moment) => Object.keys(readings).map((reading) => ({ moment, reading })))

  it.each(cases)('ends in its time, and $reading ends quietly: $moment', async ({ moment, reading }) => {
    const { silent, config, handle, neverEnds = [] } = moments[moment] as Moment
    const link = new UnreliableLink(under.transport, clock)
    const values = moment.startsWith('a record') ? 'string' : 'json'
    await under.kafka.producer(defineTopic('in', { value: values })).sendBatch(['one', 'two', 'three'])
    let isReached = false
    const reached = (): void => void (isReached = true)
    const consumer: Consumer<string> = createConsumer<string>(link.transport, 'in', {
      group: 'g',
      sessionTimeout: '2s',
      closeTimeout: closeTimeoutMs,
      runtime: { clock, random: seededRandom(1) },
      ...config?.(() => consumer, reached),
    })
    if (silent) link.silence(silent)
    let ended: unknown = 'reads'
    const isRead = (readings[reading] as (typeof readings)[string])(consumer, (record) => {
      ended = 'has a record'
      return handle?.({ consumer, link, record, reached })
    }).then(
      () => (ended = 'quietly'),
      (error: unknown) => (ended = error),
    )
    const isSilent = (): boolean => !handle && link.requests.some((one) => silent?.(one.operation, one.request))
    await until(() => isReached || isSilent(), clock)
    const startMs = clock.monotonic()
    await inTime(consumer.close(), clock)
    expect(clock.monotonic() - startMs).toBeLessThanOrEqual(closeTimeoutMs + 5)
    if (neverEnds.includes(reading)) expect(ended).toBe('has a record')
    else expect(await inTime(isRead, clock)).toBe('quietly')
    expect(clock.pendingTimers).toBe(under.engineTimers())
    await expect(consumer.next()).rejects.toBeInstanceOf(DisconnectedError)
  })
})
