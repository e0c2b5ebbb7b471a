import { createAdmin } from '@kafkado/admin'
import { MemoryStorage, type MetadataKind, type MetadataRecord } from '@kafkado/broker/storage'
import { createConsumer } from '@kafkado/consumer'
import { endTxn, ProducerFencedError } from '@kafkado/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

/** Storages may return stored records in any order: by key, or as here the last first. */
class BackwardStorage extends MemoryStorage {
  override readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[] {
    return super.readMetadata(kind).toReversed()
  }
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

describe('a consumer of committed records', () => {
  let engine: EngineUnderTest
  let topic: string
  beforeEach(async () => {
    engine = new EngineUnderTest()
    topic = await engine.harness.topic()
  })
  afterEach(() => engine.transport.close())

  const json = (value: string): string => JSON.stringify(value)

  /** The first values that a consumer gets, while time passes. */
  const consume = async (count: number, maxPartitionFetchBytes = 1_000_000): Promise<unknown[]> => {
    const runtime = { clock: engine.clock, random: { next: Math.random, uuid: () => `${Math.random()}` } }
    const config = { group: engine.harness.name('group'), maxPartitionFetchBytes, runtime }
    const consumer = createConsumer<string>(engine.transport, topic, config)
    const values: unknown[] = []
    const reading = consumer.take(count).forEach(({ value }) => void values.push(value))
    const done = reading.then(() => true)
    while (!(await Promise.race([done, engine.clock.advanceAsync(100).then(() => false)])));
    await consumer.close()
    return values
  }

  it('never sees an aborted record, also with two aborted transactions of one producer in one fetch', async () => {
    const producer = await engine.producer()
    for (const [value, committed] of [
      ['a', false],
      ['b', true],
      ['c', false],
      ['d', false],
      ['e', true],
    ] as const) {
      await producer.send(topic, [json(`${value}1`), json(`${value}2`)])
      await producer.end(committed)
    }
    expect(await consume(4)).toEqual(['b1', 'b2', 'e1', 'e2'])
  })

  it('never sees an aborted record whose marker lies beyond the response', async () => {
    const producer = await engine.producer()
    for (const letter of ['a', 'b', 'c', 'd']) await producer.send(topic, [json(letter.repeat(2000))])
    await producer.end(false)
    await producer.send(topic, [json('kept')])
    await producer.end(true)
    expect(await consume(1, 2500)).toEqual(['kept'])
  })

  it('gets what was written in the meantime once a transaction that holds it up is aborted by an administrator', async () => {
    const producer = await engine.producer('stuck')
    await producer.send(topic, [json('lost')])
    await engine.harness.produceEach(topic, json('plain'))
    const admin = createAdmin(engine.transport)
    expect(await admin.listTransactions()).toMatchObject([
      { id: 'stuck', state: 'Ongoing', partitions: [{ topic, partition: 0 }], timeoutMs: 60_000 },
    ])
    expect(await engine.harness.committed(topic)).toEqual([])
    await admin.abortTransaction('stuck')
    expect(await consume(1)).toEqual(['plain'])
    expect(await admin.listTransactions()).toMatchObject([{ id: 'stuck', state: 'Empty', startedMs: undefined }])
    await expect(producer.askEnd(true)).rejects.toSatisfy((error) => ProducerFencedError.is(error))
    await expect(admin.abortTransaction('nobody')).rejects.toMatchObject({ code: 'TRANSACTIONAL_ID_NOT_FOUND' })
  })

  it.each(orders.flatMap((begun) => orders.map((ended) => [begun, ended] as const)))(
    'sees what is before the first open transaction, also after a restart: begun %s, ended %s',
    async (begun, ended) => {
      await engine.transport.close()
      engine = new EngineUnderTest({}, new BackwardStorage())
      topic = await engine.harness.topic()
      const made = [await engine.producer('first'), await engine.producer('second'), await engine.producer('third')]
      for (const one of begun) await made[one]?.send(topic, [json(`${one}`)])
      const open = new Set(begun)
      for (const one of ended) {
        await engine.restart()
        const { transactionalId, producerId, producerEpoch } = made[one] as (typeof made)[number]
        await engine.transport.send(endTxn, { transactionalId, producerId, producerEpoch, committed: true })
        open.delete(one)
        const firstOpen = begun.findIndex((other) => open.has(other))
        const decided = begun.slice(0, firstOpen < 0 ? begun.length : firstOpen)
        expect(await engine.harness.committed(topic)).toEqual(decided.map((other) => json(`${other}`)))
      }
    },
  )
})
