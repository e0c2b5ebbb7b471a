import { mkdtemp, rm } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import type { StreamsApp, StreamsOptions } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deferred } from '../../../../tests/clients/client-places.ts'
import { take, type Values } from '../take.ts'
import counted from './counted-module.ts'

const module = new URL('counted-module.ts', import.meta.url)
const changelog = 'app-counts-changelog'
const lost = /has lost the changelog of store 'counts'.*'app-counts-changelog'.*dropState: \['counts'\]/

describe('state of a pattern that nothing matched at the start', () => {
  let kafka: KafkaClient
  let folder: string
  let out: Values<number>
  let running: StreamsApp[]
  /** Rejects when an application fails: what a test waits for would then never come. */
  let failed: Promise<never>
  let fail: (error: unknown) => void

  beforeEach(async () => {
    kafka = new KafkaClient(memory({ heartbeatInterval: 50 }))
    folder = await mkdtemp(join(tmpdir(), 'kafkado-made-later-'))
    await kafka.admin.createTopic('out', { partitions: 1 })
    out = take<number>(kafka, 'out')
    running = []
    const failure = deferred<unknown>()
    fail = failure.resolve
    failed = failure.promise.then((error) => {
      throw error
    })
    failed.catch(() => undefined)
  })

  afterEach(async () => {
    for (const app of running) await app.close()
    await out.close()
    await kafka.close()
    await rm(folder, { recursive: true })
  })

  const start = async (options: StreamsOptions = {}): Promise<StreamsApp> => {
    const s = kafka.streams({ application: 'app', guarantee: 'exactly-once', commitInterval: 20, ...options })
    if (!options.module) counted(s)
    const app = await s.start()
    running.push(app)
    app.on('error', ({ error }) => fail(error))
    return app
  }

  const turn = (): Promise<unknown> => Promise.race([failed, nextTurn()])
  const next = (count: number): Promise<number[]> => Promise.race([failed, out.next(count)])

  const count = async (topic: string, expected: number): Promise<void> => {
    await kafka.produce(topic, 1, { key: 'k' })
    expect(await next(1)).toEqual([expected])
  }

  const planFile = (): string => join(folder, 'plan.json')

  it.each<[string, () => StreamsOptions]>([
    ['in commits', () => ({})],
    ['in commits, by threads', () => ({ workers: 2, module })],
    ['in the plan file', () => ({ planFile: planFile() })],
    ['in the plan file, by threads', () => ({ planFile: planFile(), workers: 2, module })],
  ])('is noted when it is made, %s, so that it is missed when it is gone', async (_where, options) => {
    const app = await start(options())
    await kafka.admin.createTopic('orders-eu', { partitions: 2 })
    await count('orders-eu', 1)
    await app.close()
    if (options().planFile !== undefined) await kafka.admin.deleteGroup('app')
    await kafka.admin.deleteTopic(changelog)
    await expect(start(options())).rejects.toThrow(lost)
    await start({ ...options(), dropState: ['counts'] })
    await kafka.produce('orders-eu', 1, { key: 'other' })
    // Without its group, it reads everything again.
    expect((await next(1))[0]).toBe(1)
  })

  it('is noted by members for which another has made it', async () => {
    const [one, other] = [await start(), await start()]
    await kafka.admin.createTopic('orders-eu', { partitions: 2 })
    await count('orders-eu', 1)
    while ((await Promise.all([one.tasks(), other.tasks()])).some((tasks) => tasks.length === 0)) await turn()
    await one.close()
    await kafka.produce('orders-eu', 1, { key: 'more', partition: 0 })
    await kafka.produce('orders-eu', 1, { key: 'more', partition: 1 })
    await next(2)
    await other.close()
    await kafka.admin.deleteTopic(changelog)
    await expect(start()).rejects.toThrow(lost)
  })

  it('stays noted in the plan file when nothing matches at a later start', async () => {
    await kafka.admin.createTopic('orders-eu', { partitions: 2 })
    await (await start({ planFile: planFile() })).close()
    await kafka.admin.deleteTopic('orders-eu')
    await (await start({ planFile: planFile() })).close()
    await kafka.admin.deleteTopic(changelog)
    await expect(start({ planFile: planFile() })).rejects.toThrow(lost)
  })

  it('stays where it is when the topic with the most partitions goes, also over a restart', async () => {
    let app = await start()
    await kafka.admin.createTopic('orders-large', { partitions: 4 })
    await kafka.admin.createTopic('orders-small', { partitions: 2 })
    await count('orders-large', 1)
    while ((await app.tasks()).length < 4) await turn()
    // Nothing of the other topic was read, and so nothing committed, but it existed all the while.
    await kafka.admin.deleteTopic('orders-large')
    const readsLarge = async (): Promise<boolean> => {
      const { members } = await kafka.admin.describeGroup('app')
      return members.some(({ assignment }) => assignment.some(({ topic }) => topic === 'orders-large'))
    }
    while (await readsLarge()) await turn()
    const small = { key: 'other' }
    await kafka.produce('orders-small', 1, small)
    expect(await next(1)).toEqual([1])
    await app.close()
    app = await start()
    await kafka.produce('orders-small', 1, small)
    expect(await next(1)).toEqual([2])
    expect(app.state).toBe('running')
    const failed = new Promise((resolve) => app.on('error', ({ error }) => resolve(String(error))))
    await kafka.admin.createTopic('orders-large', { partitions: 3 })
    expect(await failed).toMatch(
      /topic 'orders-large' has 3 partitions, and nothing of it was read before: internal topic 'app-counts-changelog'.* has 4/,
    )
  })

  it('is missed as well where another topic matches later', async () => {
    const app = await start()
    await kafka.admin.createTopic('orders-eu', { partitions: 1 })
    await count('orders-eu', 1)
    while ((await kafka.admin.describeGroup('app')).offsets.every(({ committed }) => committed === null)) await turn()
    const failed = new Promise((resolve) => app.on('error', ({ error }) => resolve(String(error))))
    await kafka.admin.deleteTopic(changelog)
    await kafka.admin.createTopic('orders-us', { partitions: 1 })
    expect(await failed).toMatch(lost)
  })
})
