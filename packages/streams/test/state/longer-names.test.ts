import { memory } from '@kafkado/broker'
import { KafkaError } from '@kafkado/core'
import type { StreamsApp } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../../tests/passing-time.ts'

/** An application whose name begins with the other's, and its state. */
const longer = 'shop-window'
const kept = ['shop-window-by-group-repartition', 'shop-window-visits-changelog']

describe('beside the topics of an application with a longer name, which has no group any more,', () => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  const apps: StreamsApp[] = []

  /** Counts the records of a topic, in a store by that name. */
  async function start(application: string, topic: string, store: string, dropState = false): Promise<StreamsApp> {
    const s = kafka.streams({ application, dropState, commitInterval: 20 })
    s.stream<number>(topic)
      .groupBy((value) => `g${value}`, { name: 'by-group' })
      .count({ name: store })
      .to(`${topic}-out`)
    const app = await s.start()
    apps.push(app)
    return app
  }

  /** Undefined while its task does not exist yet. */
  const countIn = (app: StreamsApp, store: string): Promise<number | undefined> =>
    app
      .query<number>(store)
      .get('g1')
      .catch((error: unknown) => {
        if (!KafkaError.is(error) || !error.retriable) throw error
        return undefined
      })

  /** Starts it, lets it count one more record up to the expected count, and stops it. */
  async function run(application: string, topic: string, store: string, expected: number, drop = false): Promise<void> {
    const app = await start(application, topic, store, drop)
    await kafka.produce(topic, 1, { key: 'k' })
    await until(async () => (await countIn(app, store)) === expected)
    await app.close()
  }

  const ofLonger = async (): Promise<string[]> =>
    (await kafka.admin.listTopics())
      .map(({ name }) => name)
      .filter((name) => name.startsWith(longer))
      .toSorted()

  beforeEach(async () => {
    engine = memory()
    kafka = new KafkaClient(engine)
    await kafka.admin.createTopic('visits', { partitions: 1 })
    await run(longer, 'visits', 'visits', 1)
    await kafka.admin.deleteGroup(longer)
    expect(await ofLonger()).toEqual(kept)
  })

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()))
    await kafka.close()
    await engine.close()
  })

  it('one with the shorter name makes the topic that it reads at its first start', async () => {
    await run('shop', 'orders', 'counts', 1)
    expect(await ofLonger()).toEqual(kept)
  })

  it.each(['an application that has not processed anything', 'an application with state'])(
    '%s starts again, and leaves them alone also where it drops what it does not know',
    async (which) => {
      await kafka.admin.createTopic('orders', { partitions: 1 })
      const before = which === 'an application with state' ? 1 : 0
      if (before === 1) await run('shop', 'orders', 'counts', 1)
      else await (await start('shop', 'orders', 'counts')).close()
      await run('shop', 'orders', 'counts', before + 1)
      await run('shop', 'orders', 'counts', before + 2, true)
      expect(await ofLonger()).toEqual(kept)
    },
  )

  it('state of its own that it does not know any more is still in the way', async () => {
    await kafka.admin.createTopic('orders', { partitions: 1 })
    await run('shop', 'orders', 'counts', 1)
    await expect(start('shop', 'orders', 'renamed')).rejects.toThrow(
      /'shop' would lose state: store 'counts', in topic 'shop-counts-changelog'\./,
    )
    await run('shop', 'orders', 'renamed', 1, true)
    expect(await ofLonger()).toEqual(kept)
  })

  it('the one with the longer name goes on with what it has kept', async () => {
    await run('shop', 'orders', 'counts', 1)
    await run('shop', 'orders', 'counts', 2, true)
    const app = await start(longer, 'visits', 'visits')
    await until(async () => ((await countIn(app, 'visits')) ?? 0) > 0)
  })
})
