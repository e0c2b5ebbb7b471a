import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  createConsumer,
  createTransactionalProducer,
  type KafkaRecord,
  seededRandom,
  type TransactionalProducer,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../client-places.ts'
import { inTime, until } from '../../passing-time.ts'
import { named, UnreliableLink } from '../unreliable-link.ts'

const sessionTimeout = '3s'
/** None of the transactions here is meant to run out. */
const transactionTimeout = '15m'

const readers = ['next()', 'loop'] as const
type Reader = (typeof readers)[number]
type By = 'consumer' | 'record'

describe.each(Object.entries(places))('a transaction whose partition was lost, on %s', (name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: { close(): Promise<unknown> }[]

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({
      runtime: { clock, random: seededRandom(1) },
      sessionTimeout,
      heartbeatInterval: '500ms',
      defaultPartitions: 2,
    })
    made = []
  })
  afterEach(async () => {
    await passing(Promise.all(made.map((one) => one.close())))
    await passing(under.close())
  })

  const passing = <T>(promise: Promise<T>): Promise<T> => inTime(promise, clock, 20)

  /** A member that turns each input into one output, in transactions. */
  class Member {
    readonly link = new UnreliableLink(under.transport, clock)
    readonly consumer: Consumer<string>
    readonly #producer: TransactionalProducer
    readonly #reader: () => Promise<KafkaRecord<string>>
    readonly #by: By
    #first: Promise<KafkaRecord<string>> | undefined
    lost = 0

    constructor(transactionalId: string, by: By, reader: Reader, topic = 'in') {
      const runtime = { clock, random: seededRandom(made.length + 2) }
      const { transport } = this.link
      this.consumer = createConsumer<string>(transport, topic, { group: 'g', sessionTimeout, runtime })
      this.#producer = createTransactionalProducer(transport, { transactionalId, transactionTimeout, runtime })
      this.consumer.on('lost', () => this.lost++)
      const loop = this.consumer[Symbol.asyncIterator]()
      this.#reader =
        reader === 'next()' ? () => this.consumer.next() : async () => (await loop.next()).value as KafkaRecord<string>
      this.#by = by
      made.push(this.consumer, this.#producer)
    }

    read(): Promise<KafkaRecord<string>> {
      return this.#reader()
    }

    /** @param meanwhile what happens when the output is written, before the offset is committed, and afterwards */
    handle(
      record: KafkaRecord<string>,
      { before, after }: { before?: () => Promise<unknown>; after?: () => Promise<unknown> } = {},
    ): Promise<unknown> {
      const done = this.#producer.transaction(async (tx) => {
        await tx.send('out', record.value, { partition: 0 })
        await before?.()
        await tx.commitOffsets(this.#by === 'consumer' ? this.consumer : [record])
        await after?.()
      })
      return done.catch((error: unknown) => error)
    }

    /** Joins, and keeps the record that comes first. */
    begin(): void {
      this.#first = this.read()
      // It may be closed before there is one.
      this.#first.catch(() => undefined)
    }

    /** The next record has to be this one, and is handled without anything going wrong. */
    async handleNext(value: string): Promise<void> {
      const record = await passing(this.#first ?? this.read())
      this.#first = undefined
      expect(record.value).toBe(value)
      expect(await passing(this.handle(record))).toBeUndefined()
    }
  }

  /** What readers of committed records see: all that lies before a mark which is written now. */
  async function outputs(): Promise<string[]> {
    await passing(under.kafka.produce('out', 'mark', { partition: 0 }))
    const runtime = { clock, random: seededRandom(made.length + 2) }
    const reader = createConsumer<string>(under.transport, 'out', { runtime })
    made.push(reader)
    reader.assign([{ topic: 'out', partition: 0 }])
    const seen: string[] = []
    for (let { value } = await passing(reader.next()); value !== 'mark'; { value } = await passing(reader.next()))
      seen.push(value)
    return seen.sort()
  }

  const input = (value: string, topic = 'in'): Promise<unknown> =>
    passing(under.kafka.produce(topic, value, { partition: 0 }))

  const isMember = (member: Member) => (): boolean => (member.consumer.health().memberEpoch ?? 0) > 0
  const isLost = (member: Member) => (): boolean => member.lost > 0

  /** The ways in which partition 0 goes from the member in the middle of its work. @returns who else has it then */
  const losses: Record<string, (member: Member, join: () => Member) => Promise<Member | undefined>> = {
    'silence longer than the session': async (member, join) => {
      member.link.silence(named('consumerGroupHeartbeat'))
      await until(isLost(member), clock, 20)
      return join()
    },
    'silence that is over': async (member, join) => {
      member.link.silence(named('consumerGroupHeartbeat'))
      await until(isLost(member), clock, 20)
      const other = join()
      other.begin()
      await until(() => other.consumer.assignment().length === 2, clock, 20)
      member.link.restore()
      await until(isMember(member), clock, 20)
      return other
    },
    'failing heartbeats': async (member, join) => {
      member.link.fail(named('consumerGroupHeartbeat'))
      await until(isLost(member), clock, 20)
      return join()
    },
    'being fenced': async (member) => {
      under.faults.failNext('consumerGroupHeartbeat', 'FENCED_MEMBER_EPOCH')
      await until(isLost(member), clock, 20)
      await until(() => member.consumer.assignment().length === 2, clock, 20)
      return undefined
    },
    'a rebalance': async (member, join) => {
      const other = join()
      other.begin()
      await until(() => member.consumer.assignment().every(({ partition }) => partition !== 0), clock, 20)
      return other
    },
  }
  const whens = ['before its offsets are sent', 'while its offsets are sent', 'when its offsets were taken'] as const
  const clockSteps = [0, -1, 1, -24, 24]
  const cases = Object.keys(losses)
    .flatMap((how) => whens.flatMap((when) => (['consumer', 'record'] as const).map((by) => ({ how, when, by }))))
    // A loop finishes the record in hand before its partition goes to another member. Over HTTP it takes more time and
    // differs in nothing else.
    .flatMap((one) =>
      (one.how === 'a rebalance' || name !== 'memory' ? (['next()'] as const) : readers).map((reader) => ({
        ...one,
        reader,
      })),
    )
    .map((one, index) => ({ ...one, hours: clockSteps[index % clockSteps.length] as number }))

  it.each(cases)('$how, $when, committed by $by, read by $reader, clock set by $hours h', async (one) => {
    await input('first')
    const member = new Member('a', one.by, one.reader)
    const record = await passing(member.read())
    const join = (): Member => new Member('b', one.by, 'next()')
    let other: Member | undefined
    const lose = async (): Promise<void> => {
      clock.adjust(one.hours * 3_600_000)
      other = await losses[one.how]?.(member, join)
      if (one.when !== whens[2]) await other?.handleNext('first')
    }
    const sent = one.when === whens[1] ? member.link.holdNext(named('txnOffsetCommit')) : undefined
    const handling = member.handle(record, {
      ...(one.when === whens[0] && { before: lose }),
      ...(one.when === whens[2] && { after: lose }),
    })
    if (sent) {
      await passing(sent.reached)
      await lose()
      sent.release()
    }
    const outcome = await passing(handling)
    if (one.when === whens[2]) expect(outcome).toBeUndefined()
    else {
      expect(outcome).toMatchObject({ outcome: 'failed', retriable: false })
      expect(['MEMBER_FENCED', 'REBALANCE_IN_PROGRESS']).toContain((outcome as { code: string }).code)
    }
    member.link.restore()
    await input('second')
    if (other) await passing(other.consumer.close())
    else if (one.when !== whens[2]) await member.handleNext('first')
    await member.handleNext('second')
    expect(await outputs()).toEqual(['first', 'second'])
  })

  it.each(whens.flatMap((when) => (['consumer', 'record'] as const).map((by) => ({ when, by }))))(
    'is none when only the epoch went on, as somebody joined who takes nothing of it: $when, committed by $by',
    async ({ when, by }) => {
      await input('first')
      await input('elsewhere', 'other')
      const member = new Member('a', by, 'next()')
      const record = await passing(member.read())
      const epochOf = (): number => member.consumer.health().memberEpoch ?? 0
      const moveOn = async (): Promise<void> => {
        const former = epochOf()
        new Member('b', by, 'next()', 'other').begin()
        await until(() => epochOf() > former, clock, 20)
      }
      const sent = when === whens[1] ? member.link.holdNext(named('txnOffsetCommit')) : undefined
      const handling = member.handle(record, {
        ...(when === whens[0] && { before: moveOn }),
        ...(when === whens[2] && { after: moveOn }),
      })
      if (sent) {
        await passing(sent.reached)
        await moveOn()
        sent.release()
      }
      expect(await passing(handling)).toBeUndefined()
      expect(await outputs()).toEqual(['first'])
      const { offsets } = await passing(under.kafka.admin.describeGroup('g'))
      expect(offsets.find(({ topic, partition }) => topic === 'in' && partition === 0)?.committed).toBe(1)
    },
  )

  it('has no consequences for another reader whose offsets were to be committed with it', async () => {
    await Promise.all([input('first'), input('elsewhere', 'other')])
    const [one, other] = [new Member('a', 'record', 'next()'), new Member('b', 'record', 'next()', 'other')]
    const records = [await passing(one.read()), await passing(other.read())]
    await passing(other.consumer.close())
    const producer = createTransactionalProducer(under.transport, {
      transactionalId: 'both',
      runtime: { clock, random: seededRandom(7) },
    })
    made.push(producer)
    const refused = producer.transaction((tx) => tx.commitOffsets(records))
    await expect(passing(refused)).rejects.toMatchObject({ code: 'REBALANCE_IN_PROGRESS' })
    const sinceMs = clock.monotonic()
    await passing(one.consumer.close())
    expect(clock.monotonic() - sinceMs).toBeLessThan(5000)
  })
})

describe.each(Object.entries(places))('a batch that is being gathered, on %s', (_name, place) => {
  const at = { topic: 'in', partition: 0 }

  it.each<[string, (under: ClientUnderTest, consumer: Consumer<string>) => void]>([
    [
      'its partition is lost and comes back',
      ({ faults }) => faults.failNext('consumerGroupHeartbeat', 'FENCED_MEMBER_EPOCH'),
    ],
    ['its position is moved', (_under, consumer) => consumer.seek({ ...at, offset: 0 })],
  ])('holds each record once when %s', async (_what, happen) => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    const under = await place({ runtime, sessionTimeout, heartbeatInterval: '500ms' })
    const passing = <T>(promise: Promise<T>): Promise<T> => inTime(promise, clock, 20)
    await passing(under.kafka.produce('in', 'first', at))
    const consumer = createConsumer<string>(under.transport, 'in', { group: 'g', sessionTimeout, runtime })
    const batches = consumer.batches({ size: 3, timeout: '1h' })[Symbol.asyncIterator]()
    const batch = batches.next()
    const fetchesFrom = (offset: number): number =>
      under.requests.filter(
        ({ operation, request }) =>
          operation === 'fetch' && JSON.stringify(request).includes(`"fetchOffset":${offset}`),
      ).length
    await until(() => fetchesFrom(1) > 0, clock, 20)
    const before = fetchesFrom(0)
    happen(under, consumer)
    await until(() => fetchesFrom(0) > before, clock, 20)
    for (const value of ['second', 'third']) await passing(under.kafka.produce('in', value, at))
    const { value: gathered } = await passing(batch)
    expect(gathered?.records.map(({ value }: KafkaRecord<string>) => value)).toEqual(['first', 'second'])
    await passing(consumer.close())
    await passing(under.close())
  })
})
