import { createAdmin } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import { intercept } from '@kafkado/core'
import { createProducer, createTransactionalProducer } from '@kafkado/producer'
import { Faults, ManualClock } from '@kafkado/testing'
import { type Batch, type Consumer, createConsumer, type KafkaRecord, seededRandom } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { inTime, pass } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink } from '../../../../tests/clients/unreliable-link.ts'

interface Way {
  commit(world: World): Promise<void>
  /** Whether it commits what is processed, so that the reader has gone on before. */
  readonly isOfProcessed?: true
}

/** Ways to commit a record that lies behind one whose dead letter is still being written. */
const ways: Record<string, Way> = {
  'record.commit()': { commit: ({ record }) => record.commit() },
  'batch.commit()': { commit: ({ batch }) => batch.commit() },
  'consumer.commit()': { commit: ({ consumer }) => consumer.commit(), isOfProcessed: true },
  'commitOffsets([record])': { commit: ({ record, transact }) => transact([record]) },
  'commitOffsets(consumer)': { commit: ({ consumer, transact }) => transact(consumer) },
}

/** How a handler of `parallel` commits its record. */
const waysOfHandlers: Record<string, (world: Pick<World, 'record' | 'transact'>) => Promise<void>> = {
  'record.commit()': ({ record }) => record.commit(),
  'commitOffsets([record])': ({ record, transact }) => transact([record]),
}

interface World {
  readonly consumer: Consumer<number>
  readonly record: KafkaRecord<number>
  readonly batch: Batch<number>
  transact(of: readonly KafkaRecord<number>[] | Consumer<number>): Promise<void>
}

const clock = new ManualClock()
const runtime = { clock, random: seededRandom(1) }

/** Of these records the second cannot be decoded, and the request that writes its dead letter is held. */
async function beginWith(values: readonly number[]) {
  const engine = memory({ runtime })
  const admin = createAdmin(engine)
  await admin.createTopic('numbers', { partitions: 1 })
  await admin.createTopic('dead', { partitions: 1 })
  const producer = createProducer<number>(engine, 'numbers', { runtime })
  for (const value of values) {
    const isInvalid = value === 1
    const sent = isInvalid ? producer.sendRaw(new TextEncoder().encode('{no json')) : producer.send(value)
    await inTime(sent, clock)
  }
  const faults = new Faults()
  const link = new UnreliableLink(intercept(engine, faults.interceptor), clock)
  const letter = link.holdNext(named('produce'))
  const consumer = createConsumer<number>(link.transport, 'numbers', {
    group: 'g',
    runtime,
    autoCommit: false,
    onInvalid: { deadLetter: 'dead' },
  })
  const transacting = createTransactionalProducer(engine, { transactionalId: 't', runtime })
  const transact: World['transact'] = (of) => transacting.transaction((tx) => tx.commitOffsets(of))
  const committed = async (): Promise<number> =>
    (await admin.describeGroup('g')).offsets.find(({ topic }) => topic === 'numbers')?.committed ?? -1
  const end = async (): Promise<void> => {
    await inTime(consumer.close(), clock)
    await engine.close()
  }
  return { admin, letter, faults, consumer, transact, committed, end }
}

/** A batch of the first and the third record is in the hand of its reader, or was. */
async function begin({ commit, isOfProcessed }: Way) {
  const world = await beginWith(isOfProcessed ? [0, 1, 2, 3] : [0, 1, 2])
  const { consumer, transact, letter } = world
  const reading = consumer.batches({ size: 2, timeout: '1s' })[Symbol.asyncIterator]()
  const { value: batch } = await inTime(reading.next(), clock)
  if (!batch) throw new Error('there is no batch')
  expect(batch.records.map(({ offset }) => offset)).toEqual([0, 2])
  await inTime(letter.reached, clock)
  if (isOfProcessed) await inTime(reading.next(), clock)
  const record = batch.records[1] as KafkaRecord<number>
  return { ...world, committing: commit({ consumer, record, batch, transact }) }
}

describe.each(Object.entries(ways))('%s of a record behind one whose dead letter is not written', (_, way) => {
  it('waits until it is written', async () => {
    const { admin, letter, committing, committed, end } = await begin(way)
    let isOver = false
    const over = committing.finally(() => {
      isOver = true
    })
    await pass(100, clock)
    // What is processed and comes before it does not wait.
    expect([isOver, await committed()]).toEqual([false, way.isOfProcessed ? 1 : -1])
    letter.release()
    await inTime(over, clock)
    expect(await committed()).toBe(3)
    expect((await admin.describeTopic('dead')).offsets[0]?.latest).toBe(1)
    await end()
  })

  it('fails when it cannot be written, and does not commit it', async () => {
    const { letter, faults, committing, committed, end } = await begin(way)
    const uncommitted = way.isOfProcessed ? 'offset 1 and what follows' : 'offset 2'
    const failed = expect(committing).rejects.toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(
        `topic 'numbers' partition 0 ${uncommitted} cannot be committed.*offset 1 was not written`,
      ),
    })
    await pass(100, clock)
    faults.failNext('produce', 'TOPIC_AUTHORIZATION_FAILED')
    letter.release()
    await inTime(failed, clock)
    expect(await committed()).toBe(way.isOfProcessed ? 1 : -1)
    await end()
  })
})

describe.each(Object.entries(waysOfHandlers))('%s of a handler behind a dead letter', (_, commit) => {
  it.each(['partition', 'unordered'] as const)('waits until it is written, %s', async (ordering) => {
    const { admin, consumer, transact, letter, committed, end } = await beginWith([0, 1, 2])
    const reached: number[] = []
    const reading = consumer.parallel({ concurrency: 1, ordering }, async (record) => {
      reached.push(record.offset)
      await commit({ record, transact })
    })
    await inTime(letter.reached, clock)
    await pass(100, clock)
    expect([reached, await committed()]).toEqual([[0, 2], 1])
    letter.release()
    await pass(100, clock)
    // Nobody commits after the last handler.
    expect(await committed()).toBe(3)
    expect((await admin.describeTopic('dead')).offsets[0]?.latest).toBe(1)
    await end()
    await inTime(reading, clock)
  })
})
