import { bytes, defineTopic } from '@kafkado/core'
import type { StreamsApp, StreamsBuilder } from '@kafkado/streams'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { until } from '../../../../tests/passing-time.ts'

/** The events of an application. */
interface Told {
  readonly states: string[]
  readonly errors: unknown[]
}

function listenTo(app: StreamsApp): Told {
  const told: Told = { states: [], errors: [] }
  app.on('state', ({ state, error }) => told.states.push(error instanceof Error ? `${state}: ${error.message}` : state))
  app.on('error', ({ error }) => told.errors.push(error))
  return told
}

describe.each(Object.entries(places))('an application goes on, %s', (_, place) => {
  it.each([1, 2])('where making member %i of it fails', async (failing) => {
    const { kafka, close } = await place()
    for (const topic of ['input', 'rates', 'output']) await kafka.admin.createTopic(topic, { partitions: 1 })
    let made = 0
    let mayFail = true
    const s = kafka.streams({ application: 'app', commitInterval: 20, onUncaughtError: 'replace' })
    s.addGlobalStore('rates', ({ store }) => {
      if (++made === failing) throw new Error('out of connections')
      return (value, key) => store.put(key, value)
    })
    s.stream<number>('input')
      .mapValues((value) => {
        if (value < 0 && mayFail) {
          mayFail = false
          throw new Error('negative')
        }
        return value
      })
      .to('output')
    const app = await s.start()
    const told = listenTo(app)
    await kafka.produce('input', -1)
    await until(async () => (await kafka.admin.describeTopic('output')).offsets[0]?.latest === 1)
    await until(() => app.state === 'running')
    await app.close()
    expect(told.errors).toEqual([])
    expect(made).toBe(3)
    // The first start is over before anybody can listen.
    const causes = failing === 1 ? ['negative'] : ['negative', 'out of connections']
    expect(told.states.filter((state) => state.startsWith('replacing'))).toEqual(
      causes.map((cause) => expect.stringContaining(cause)),
    )
    await close()
  })

  it('while no member can ever start, until it is closed', async () => {
    const { kafka, close } = await place()
    for (const topic of ['input', 'rates']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const broken = kafka.producer(defineTopic('rates', { value: bytes() }))
    await broken.send(new TextEncoder().encode('{'), { key: 'eur' })
    await broken.close()
    const s = kafka.streams({ application: 'app', onUncaughtError: 'replace' })
    s.globalTable('rates', { name: 'rates' })
    s.stream('input').to('output')
    const app = await s.start()
    expect(app.state).toBe('replacing')
    const told = listenTo(app)
    // Each failure is reported, because nobody has heard of the first.
    await until(() => told.states.length >= 2)
    expect(told.states.slice(0, 2)).toEqual(Array(2).fill(expect.stringContaining("topic 'rates' partition 0")))
    await app.close()
    expect(app.state).toBe('closed')
    expect(told.errors).toEqual([])
    await close()
  })

  it.each(['exactly-once', 'at-least-once'] as const)(
    'to its end where the last commit of close() fails, which is told, %s',
    async (guarantee) => {
      const { kafka, close } = await place()
      for (const topic of ['input', 'output']) await kafka.admin.createTopic(topic, { partitions: 1 })
      const s = kafka.streams({
        application: 'app',
        guarantee,
        cache: 1_000_000,
        // The last commit is the first one.
        commitInterval: '5m',
        producer: { transactionTimeout: '10m' },
      })
      let seen = 0
      s.stream<string>('input')
        .peek(() => void seen++)
        .groupByKey()
        .count({ name: 'counts' })
        .toStream()
        .mapValues((): number => {
          throw new Error('bad luck')
        })
        .to('output')
      const app = await s.start()
      const told = listenTo(app)
      await kafka.produce('input', 'x', { key: 'k' })
      await until(() => seen === 1)
      expect(told.errors).toEqual([])
      await app.close()
      expect(told.errors.map(String)).toEqual([expect.stringContaining('processing failed: bad luck')])
      expect([app.state, app.error]).toEqual(['closed', undefined])
      expect(told.states.slice(-2)).toEqual(['closing', 'closed'])
      await close()
    },
  )

  it.each(['replace', 'shutDown'] as const)(
    'where a processor cannot close what it has when its partition goes to another member, %s',
    async (onUncaughtError) => {
      const { kafka, close } = await place()
      for (const topic of ['input', 'output']) await kafka.admin.createTopic(topic, { partitions: 4 })
      const closings = new Map<string, number>()
      const start = async (member: string): Promise<StreamsApp> => {
        const s = kafka.streams({ application: 'app', commitInterval: 20, onUncaughtError })
        neverClosing(s, member, closings)
        return s.start()
      }
      const tasksOf = async (apps: StreamsApp[]): Promise<number[]> =>
        Promise.all(apps.map(async (app) => (await app.tasks()).length))
      const one = await start('one')
      const told = listenTo(one)
      await until(async () => (await one.tasks()).length === 4)
      const two = await start('two')
      await until(async () => (await tasksOf([one, two])).join() === '2,2')
      // The revoked one is closed first, and each close is reported.
      const revoked = [...closings].filter(([, times]) => times > 0).map(([name]) => name)
      expect(revoked).toHaveLength(2)
      expect(told.errors.map(String).toSorted()).toEqual(
        revoked.toSorted().map((name) => expect.stringContaining(`processing failed: ${name} stays open`)),
      )
      expect(told.states.filter((state) => state !== 'running')).toEqual([])
      await one.close()
      await two.close()
      expect(told.errors).toHaveLength(4)
      expect([...closings.values()].every((times) => times === 1)).toBe(true)
      await close()
    },
  )

  it('to its end when it has failed, and tells why before what went wrong at the end', async () => {
    const { kafka, close } = await place()
    for (const topic of ['input', 'rates', 'output']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const s = kafka.streams({ application: 'app' })
    s.addGlobalStore('rates', () => () => {
      throw new Error('no rate')
    })
    neverClosing(s, 'one', new Map())
    const app = await s.start()
    const told = listenTo(app)
    await until(async () => (await app.tasks()).length === 1)
    await kafka.produce('rates', 1, { key: 'eur' })
    await until(() => told.errors.length === 2)
    expect(told.errors.map(String)).toEqual([
      expect.stringContaining('no rate'),
      expect.stringContaining('one 0_0 stays open'),
    ])
    expect([app.state, app.error]).toEqual(['failed', told.errors[0]])
    await app.close()
    await close()
  })
})

/** Each processor counts its closes, and fails to close. */
function neverClosing(s: StreamsBuilder, member: string, closings: Map<string, number>): void {
  s.stream<number>('input')
    .process((context) => {
      const name = `${member} ${context.taskId}`
      closings.set(name, 0)
      return {
        process: (value, key) => context.forward(key, value),
        close() {
          closings.set(name, (closings.get(name) ?? 0) + 1)
          throw new Error(`${name} stays open`)
        },
      }
    })
    .to('output')
}
