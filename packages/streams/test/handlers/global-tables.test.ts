import { memory } from '@kafkado/broker'
import { bytes, defineTopic } from '@kafkado/core'
import { type ErrorHandler, type StreamsBuilder, StreamsError } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { KafkaClient } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { badBytes } from './failing-kinds.ts'
import { take } from '../take.ts'

const rawRates = defineTopic('rates', { value: bytes() })

const build = (s: StreamsBuilder): unknown =>
  s
    .stream<number>('in')
    .join(s.globalTable<number>('rates', { name: 'rates' }), { key: (_value, key) => key as string })
    .mapValues((amount, rate) => amount * rate)
    .to('out')

const named = { kind: 'deserialization', task: undefined, topic: 'rates', partition: 0, offset: 0, store: 'rates' }

describe('a row of a global table that cannot be read', () => {
  it.each([
    { name: 'a policy for its kind', choice: 'deadLetter' as const },
    { name: 'a function', choice: (() => 'deadLetter') as ErrorHandler },
  ])('is put aside by $name, in a driver and in an application', async ({ choice }) => {
    const onError = { deserialization: choice }
    const driver = new TopologyTestDriver(build, { onError, deadLetterTopic: 'aside' })
    driver.pipe(rawRates, badBytes, { key: 'a' })
    driver.pipe('rates', 3, { key: 'b' })
    for (const key of ['a', 'b']) driver.pipe('in', 2, { key })
    expect(driver.read('out').map(({ value }) => value)).toEqual([6])
    expect(driver.read({ ...rawRates, name: 'aside' })).toMatchObject([
      { key: 'a', headers: { 'original-topic': 'rates' } },
    ])

    const engine = memory()
    const kafka = new KafkaClient(engine)
    for (const topic of ['rates', 'in', 'out', 'aside']) await kafka.admin.createTopic(topic, { partitions: 1 })
    await kafka.producer(rawRates).sendRaw(badBytes, { key: 'a' })
    await kafka.produce('rates', 3, { key: 'b' })
    const s = kafka.streams({ application: 'app', onError, deadLetterTopic: 'aside' })
    build(s)
    const app = await s.start()
    for (const key of ['a', 'b']) await kafka.produce('in', 2, { key })
    const [out, aside] = [take<number>(kafka, 'out'), kafka.consumer({ ...rawRates, name: 'aside' })]
    expect(await out.next(1)).toEqual([6])
    expect((await aside.next()).headers).toMatchObject({ 'original-topic': 'rates', 'original-offset': '0' })
    await Promise.all([out.close(), aside.close(), app.close()])
    await kafka.close()
    await engine.close()
  })

  it('is told to a function, with its store and its record', () => {
    const told: unknown[] = []
    const onError: ErrorHandler = (error, record) => {
      told.push([StreamsError.is(error), record?.rawValue])
      expect(error).toMatchObject(named)
      return 'skip'
    }
    new TopologyTestDriver(build, { onError }).pipe(rawRates, badBytes, { key: 'a' })
    expect(told).toEqual([[true, badBytes]])
  })

  it('is counted by a driver, and a record without a key is dropped', () => {
    const driver = new TopologyTestDriver(build, { onError: 'skip' })
    driver.pipe(rawRates, badBytes, { key: 'a' })
    for (const key of ['a', null, null]) driver.pipe('rates', 3, { key })
    expect([driver.failed(), driver.dropped()]).toEqual([{ deserialization: 1 }, { 'null-key': 2 }])
    driver.restart()
    expect([driver.failed(), driver.dropped()]).toEqual([{ deserialization: 1 }, { 'null-key': 2 }])
  })

  it('ends what other kinds are left out in', () => {
    const driver = new TopologyTestDriver(build, { onError: { processing: 'skip', production: 'skip' } })
    expect(() => driver.pipe(rawRates, badBytes, { key: 'a' })).toThrow(
      expect.objectContaining({
        ...named,
        message: expect.stringMatching(/^global table: topic 'rates' .*: reading failed: store 'rates': /),
      }) as unknown as Error,
    )
  })
})
