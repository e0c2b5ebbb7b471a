import { createAdmin } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import { intercept } from '@kafkado/core'
import { createProducer, createTransactionalProducer } from '@kafkado/producer'
import { Faults, ManualClock } from '@kafkado/testing'
import { type Batch, type Consumer, createConsumer, type KafkaRecord, seededRandom } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { inTime, pass } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink } from '../../../../tests/clients/unreliable-link.ts'

/** Ways to commit a record that lies behind one whose dead letter is still being written. */
const commits: Record<string, (world: World) => Promise<void>> = {
  'record.commit()': ({ record }) => record.commit(),
  'batch.commit()': ({ batch }) => batch.commit(),
  'commitOffsets([record])': ({ record, transact }) => transact([record]),
  'commitOffsets(consumer)': ({ consumer, transact }) => transact(consumer),
}

interface World {
  readonly consumer: Consumer<number>
  readonly record: KafkaRecord<number>
  readonly batch: Batch<number>
  transact(of: readonly KafkaRecord<number>[] | Consumer<number>): Promise<void>
}

const clock = new ManualClock()
const runtime = { clock, random: seededRandom(1) }

/** Of three records the second cannot be decoded, and the third is in the hand of its reader. */
async function begin(commit: (world: World) => Promise<void>) {
  const engine = memory({ runtime })
  const admin = createAdmin(engine)
  await admin.createTopic('numbers', { partitions: 1 })
  await admin.createTopic('dead', { partitions: 1 })
  const producer = createProducer<number>(engine, 'numbers', { runtime })
  await inTime(producer.send(0), clock)
  await inTime(producer.sendRaw(new TextEncoder().encode('{no json')), clock)
  await inTime(producer.send(2), clock)
  const faults = new Faults()
  const link = new UnreliableLink(intercept(engine, faults.interceptor), clock)
  const letter = link.holdNext(named('produce'))
  const consumer = createConsumer<number>(link.transport, 'numbers', {
    group: 'g',
    runtime,
    autoCommit: false,
    onInvalid: { deadLetter: 'dead' },
  })
  const reading = consumer.batches({ size: 2, timeout: '1s' })[Symbol.asyncIterator]()
  const { value: batch } = await inTime(reading.next(), clock)
  if (!batch) throw new Error('there is no batch')
  expect(batch.records.map(({ offset }) => offset)).toEqual([0, 2])
  await inTime(letter.reached, clock)
  const transacting = createTransactionalProducer(engine, { transactionalId: 't', runtime })
  const transact: World['transact'] = (of) => transacting.transaction((tx) => tx.commitOffsets(of))
  const record = batch.records[1] as KafkaRecord<number>
  const committing = commit({ consumer, record, batch, transact })
  const committed = async (): Promise<number> =>
    (await admin.describeGroup('g')).offsets.find(({ topic }) => topic === 'numbers')?.committed ?? -1
  const end = async (): Promise<void> => {
    await inTime(consumer.close(), clock)
    await engine.close()
  }
  return { admin, letter, faults, committing, committed, end }
}

describe.each(Object.entries(commits))('%s of a record behind one whose dead letter is not written', (_, commit) => {
  it('waits until it is written', async () => {
    const { admin, letter, committing, committed, end } = await begin(commit)
    let isOver = false
    const over = committing.finally(() => {
      isOver = true
    })
    await pass(100, clock)
    expect([isOver, await committed()]).toEqual([false, -1])
    letter.release()
    await inTime(over, clock)
    expect(await committed()).toBe(3)
    expect((await admin.describeTopic('dead')).offsets[0]?.latest).toBe(1)
    await end()
  })

  it('fails when it cannot be written, and commits nothing', async () => {
    const { letter, faults, committing, committed, end } = await begin(commit)
    const failed = expect(committing).rejects.toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(
        /topic 'numbers' partition 0 offset 2 cannot be committed.*offset 1 was not written/,
      ),
    })
    await pass(100, clock)
    faults.failNext('produce', 'TOPIC_AUTHORIZATION_FAILED')
    letter.release()
    await inTime(failed, clock)
    expect(await committed()).toBe(-1)
    await end()
  })
})
