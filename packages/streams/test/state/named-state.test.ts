import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import {
  type Stream,
  type StreamsApp,
  type StreamsBuilder,
  type StreamsOptions,
  tumblingWindow,
} from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { until } from '../../../../tests/passing-time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/**
 * Operators with state that differ only in the `part` of the value they use, in a function; and in a name, if one is
 * given.
 */
type Build = (s: StreamsBuilder, part: number, name?: string) => unknown
const partOf = (value: string, part: number): string => value.split(' ')[part] as string

const operators = {
  'a count by a function': (s, part, name) =>
    s
      .stream<string>('in')
      .groupBy((value) => partOf(value, part))
      .count(named(name))
      .toStream(),
  'a count by the same path, of other records': (s, part, name) =>
    s
      .stream<string>('in')
      .mapValues((value) => ({ id: partOf(value, part) }))
      .groupBy(({ id }) => id)
      .count(named(name))
      .toStream(),
  'a reduce': (s, part, name) =>
    s
      .stream<string>('in')
      .groupBy((value) => partOf(value, part))
      .aggregate(0, (sum) => sum + 1, named(name))
      .toStream(),
  'a window': (s, part, name) =>
    s
      .stream<string>('in')
      .groupBy((value) => partOf(value, part))
      .window(tumblingWindow('1d'))
      .count(named(name))
      .toStream()
      .selectKey((_count, { key }) => key),
  toTable: (s, part, name) =>
    s
      .stream<string>('in')
      .selectKey((value) => partOf(value, part))
      .toTable(named(name))
      .toStream(),
  'a suppression': (s, part, name) =>
    s
      .table<string>('in', { name: `rows-${part}` })
      .suppress({ maxRecords: 1, ...named(name) })
      .toStream(),
  'a join of streams': (s, part, name) =>
    s
      .stream<string>('in')
      .selectKey((value) => partOf(value, part))
      .join(s.stream<string>('in') as Stream<string, string>, { window: '1d', ...named(name) })
      .toStream(),
} satisfies Record<string, (s: StreamsBuilder, part: number, name?: string) => unknown>

function named(name: string | undefined): { name: string } | undefined {
  return name === undefined ? undefined : { name }
}

describe('state without a name of its own', () => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let apps: StreamsApp[]

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 200 })
    kafka = new KafkaClient(engine)
    for (const topic of ['in', 'out-0', 'out-1']) await kafka.admin.createTopic(topic, { partitions: 1 })
    apps = []
  })

  afterEach(async () => {
    for (const app of apps) await app.close()
    await kafka.close()
    await engine.close()
  })

  const start = async (
    build: Build,
    parts: readonly number[],
    options: StreamsOptions = {},
    names: readonly (string | undefined)[] = [],
  ): Promise<StreamsApp> => {
    const s = kafka.streams({ application: 'app', commitInterval: 50, ...options })
    for (const [index, part] of parts.entries()) {
      const stream = build(s, part, names[index]) as Stream<string, unknown>
      stream.mapValues((value) => value).to(`out-${part}`)
    }
    const app = await s.start()
    apps.push(app)
    return app
  }

  /** Runs until all records are processed. */
  const run = async (...given: Parameters<typeof start>): Promise<void> => {
    const app = await start(...given)
    await kafka.produce('in', 'a x', { key: 'k' })
    await kafka.produce('in', 'a y', { key: 'k' })
    let calm = 0
    await until(async () => {
      const { totalLag, offsets } = await kafka.admin.describeGroup('app')
      calm = totalLag === 0 && offsets.some(({ committed }) => (committed ?? 0) > 0) ? calm + 1 : 0
      return calm === 3
    })
    await app.close()
  }

  const changelogs = async (): Promise<string[]> =>
    (await kafka.admin.listTopics()).map(({ name }) => name).filter((name) => name.endsWith('-changelog'))

  /** What the state of an operator is called, by its changelogs; a join of streams has one for each side. */
  const nameOf = (topics: readonly string[]): string => {
    const [topic = ''] = topics.filter((one) => !one.includes('rows-'))
    return topic.slice('app-'.length, -'-changelog'.length).replace(/-left$/, '')
  }

  describe.each(Object.entries(operators))('%s', (_name, build) => {
    it.each([
      ['another is put in front of it', [0], [1, 0]],
      ['another is put behind it', [0], [0, 1]],
      ['the first of two goes', [0, 1], [1]],
      ['the second of two goes', [0, 1], [0]],
    ] as const)('is not given to another when %s', async (_change, before, after) => {
      await run(build, before)
      const kept = await changelogs()
      const refusal = await start(build, after).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ message: expect.stringMatching(/would (mix up|lose) state.*\{ name \}/) })
      const [topic = ''] = kept.filter((one) => !one.includes('rows-'))
      expect((refusal as Error).message).toContain(`'${topic}'`)
      expect(await changelogs()).toEqual(kept)
      const dropState = true
      await expect(start(build, after, { dropState })).resolves.toMatchObject({ state: expect.any(String) })
    })

    it('is found again when nothing has changed', async () => {
      await run(build, [0, 1])
      const kept = await changelogs()
      await run(build, [0, 1])
      expect(await changelogs()).toEqual(kept)
    })

    it('is found again when it is given the name that it has', async () => {
      await run(build, [0])
      const kept = await changelogs()
      await run(build, [0], {}, [nameOf(kept)])
      expect(await changelogs()).toEqual(kept)
    })
  })

  it('goes on with the operator that is given its name', async () => {
    const [, build] = Object.entries(operators)[0] as [string, Build]
    await run(build, [0])
    await run(build, [1, 0], {}, ['second', nameOf(await changelogs())])
    const last = new Map<string, unknown>()
    for await (const { key, value } of kafka.consumer('out-0', {}).take(4)) last.set(key as string, value)
    expect(last).toEqual(new Map([['a', 4]]))
  })

  it('is not refused to members that begin at the same time', async () => {
    const [, build] = Object.entries(operators)[0] as [string, Build]
    await kafka.produce('in', 'a x', { key: 'k' })
    await Promise.all([0, 1, 2].map(() => start(build, [0, 1])))
    expect((await changelogs()).length).toBe(2)
  })

  it('leaves what is on its way to the repartition that wrote it', async () => {
    const repartitioned = (s: StreamsBuilder, part: number): void => {
      s.stream<string>('in')
        .selectKey((value) => partOf(value, part))
        .repartition()
        .to(`out-${part}`)
    }
    const s = kafka.streams({ application: 'app', commitInterval: 50 })
    repartitioned(s, 0)
    await (await s.start()).close()
    const { name } = (await kafka.admin.listTopics()).find((topic) => topic.name.endsWith('-repartition')) as {
      name: string
    }
    await kafka.produce(name, 'left over', { key: 'k' })
    const next = kafka.streams({ application: 'app' })
    repartitioned(next, 1)
    repartitioned(next, 0)
    await expect(next.start()).rejects.toThrow(/would mix up state.*repartition/)
  })
})

describe.each(['at-least-once', 'exactly-once'] as const)('a changelog that was deleted, %s', (guarantee) => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let folder: string
  let app: StreamsApp | undefined

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 200 })
    kafka = new KafkaClient(engine)
    await kafka.admin.createTopic('in', { partitions: 2 })
    folder = await mkdtemp(join(tmpdir(), 'kafkado-lost-'))
  })

  afterEach(async () => {
    await app?.close()
    app = undefined
    await kafka.close()
    await engine.close()
    await rm(folder, { recursive: true })
  })

  const run = async (stores: readonly string[], options: StreamsOptions = {}): Promise<void> => {
    const s = kafka.streams({ application: 'app', guarantee, commitInterval: 50, ...options })
    for (const name of stores)
      s.stream('in')
        .groupByKey()
        .count({ name })
        .mapValues((count) => count)
        .to(`out-${name}`)
    for (const name of stores) await kafka.admin.createTopic(`out-${name}`, { partitions: 1 }).catch(() => undefined)
    app = await s.start()
    await kafka.produce('in', 1, { key: 'k' })
    for (const name of stores) {
      const reader = kafka.consumer<number>(`out-${name}`, { group: `reader-${name}`, offset: 'earliest' })
      expect((await reader.next()).value).toBeGreaterThan(0)
      await reader.close()
    }
    await app.close()
  }

  it.each(['memory', 'a folder'])('is not begun anew in silence, with state in %s', async (place) => {
    const options = place === 'memory' ? {} : { stateDirectory: folder }
    await run(['first', 'second'], options)
    await kafka.admin.deleteTopic('app-first-changelog')
    const start = run(['first', 'second'], options)
    await expect(start).rejects.toThrow(
      /has lost the changelog of store 'first' \(count of in\), whose topic was 'app-first-changelog'.*dropState: \['first'\]/,
    )
    expect((await kafka.admin.listTopics()).map(({ name }) => name)).not.toContain('app-first-changelog')
    await run(['first', 'second'], { ...options, dropState: ['first'] })
    await run(['first', 'second'], options)
  })

  it('is not made by the server when it goes under a running application', async () => {
    const ended = { deliveryTimeout: 1000, lingerMs: 0 }
    const s = kafka.streams({ application: 'app', guarantee, commitInterval: 50, producer: ended })
    s.stream('in').groupByKey().count({ name: 'first' }).to('out-first')
    await kafka.admin.createTopic('out-first', { partitions: 1 })
    app = await s.start()
    const errors: unknown[] = []
    app.on('error', ({ error }) => errors.push(error))
    await kafka.produce('in', 1, { key: 'k' })
    const isCommitted = async (): Promise<boolean> =>
      (await kafka.admin.describeGroup('app')).offsets.some(({ committed }) => committed === 1)
    await until(isCommitted)
    await kafka.admin.deleteTopic('app-first-changelog')
    await kafka.produce('in', 1, { key: 'other' })
    const isMade = async (): Promise<boolean> =>
      (await kafka.admin.listTopics()).some(({ name }) => name === 'app-first-changelog')
    await until(async () => app?.state === 'failed' || (await isMade()))
    expect(await isMade()).toBe(false)
    expect(errors).toMatchObject([{ message: "topic 'app-first-changelog' does not exist" }])
    await app.close()
    await expect(run(['first'])).rejects.toThrow(/has lost the changelog of store 'first'/)
  })

  it('is told from that of a store that is new', async () => {
    await run(['first'])
    await run(['first', 'second'])
    await run(['first', 'second', 'third'], { stateDirectory: folder })
  })
})
