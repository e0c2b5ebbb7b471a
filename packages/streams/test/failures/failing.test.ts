import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import { bytes, defineTopic, type KafkaError, type TopicDefinition } from '@kafkado/core'
import type { StreamsApp, StreamsBuilder, StreamsOptions } from '@kafkado/streams'
import { tumblingWindow } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { take } from '../take.ts'

interface Item {
  readonly id: string
  readonly bad?: boolean
  readonly time?: number
}

const isBad = ({ bad }: Item): boolean => bad === true
const refuse = (item: Item): Item => {
  if (isBad(item)) throw new Error('bad luck')
  return item
}
/** JSON cannot represent it. */
const unwritable = (item: Item): unknown => (isBad(item) ? 1n : item.id)
/** Larger than any topic accepts. */
const tooLarge = (item: Item): unknown => (isBad(item) ? 'x'.repeat(2_000_000) : item.id)

interface Place {
  /** The failure of the bad record of 'in'. */
  readonly name: string
  readonly build: (s: StreamsBuilder) => unknown
  /** Names in the error besides the record. */
  readonly names: RegExp
  readonly inFolder?: boolean
  /** The key of the bad record; default: the others' key. */
  readonly key?: string
}

const places: readonly Place[] = [
  {
    name: 'an operator',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapValues(refuse)
        .mapValues(({ id }) => id)
        .to('out'),
    names: /operator 'mapValues': .*bad luck/,
  },
  {
    name: 'an operator behind others',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapValues((item) => item)
        .peek(refuse)
        .mapValues(({ id }) => id)
        .to('out'),
    names: /operator 'peek': .*bad luck/,
  },
  {
    name: 'an iterable that fails after its first value',
    build: (s) =>
      s
        .stream<Item>('in')
        .flatMap(function* (item: Item) {
          yield item.id
          refuse(item)
        })
        .filter((id) => id !== 'bad')
        .to('out'),
    names: /operator 'flatMap': .*bad luck/,
  },
  {
    name: 'a key selector',
    build: (s) =>
      s
        .stream<Item>('in')
        .selectKey((item) => refuse(item).id)
        .mapValues(({ id }) => id)
        .to('out'),
    names: /operator 'selectKey': .*bad luck/,
  },
  {
    name: 'an asynchronous operator',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapAsync((item) => Promise.resolve().then(() => refuse(item).id))
        .to('out'),
    names: /operator 'mapAsync': .*bad luck/,
  },
  {
    name: 'a processor after it has forwarded',
    build: (s) =>
      s
        .stream<Item>('in')
        .process<string, string>((context) => (item) => {
          if (!isBad(item)) context.forward('k', item.id)
          else {
            context.forward('k', 'forwarded')
            refuse(item)
          }
        })
        .filter((id) => id !== 'forwarded')
        .to('out'),
    names: /operator 'process': .*bad luck/,
  },
  {
    name: 'an aggregator',
    build: (s) =>
      s
        .stream<Item>('in')
        .groupByKey()
        .aggregate(
          () => '',
          (_before: string, item: Item) => refuse(item).id,
        )
        .to('out'),
    names: /operator 'aggregate': .*bad luck/,
  },
  {
    name: 'an aggregator of windows',
    build: (s) =>
      s
        .stream<Item>('in')
        .groupByKey()
        .window(tumblingWindow('1h'))
        .aggregate(
          () => '',
          (_before: string, item: Item) => refuse(item).id,
        )
        .toStream()
        .selectKey(() => 'k')
        .to('out'),
    names: /operator 'aggregate': .*bad luck/,
  },
  {
    name: 'a joiner',
    build: (s) =>
      s
        .stream<Item>('in')
        .leftJoin(s.table<Item>('other'))
        .mapValues((item) => refuse(item).id)
        .to('out'),
    names: /operator 'mapValues': .*bad luck/,
  },
  {
    name: 'a foreign key',
    build: (s) =>
      s
        .table<Item>('in')
        .leftJoin(
          s.table<Item>('other'),
          { on: { left: (item: Item) => refuse(item).id, right: () => null } },
          (item: Item) => item.id,
        )
        .to('out'),
    names: /operator 'subscribe [^']*': .*bad luck/,
    key: 'bad',
  },
  {
    name: 'the time of a record',
    build: (s) =>
      s
        .stream<Item>('in', { timestamp: (item) => refuse(item).time ?? 1 })
        .mapValues(({ id }) => id)
        .to('out'),
    names: /bad luck/,
  },
  {
    name: 'a time that is none',
    build: (s) =>
      s
        .stream<Item>('in', { timestamp: (item) => (isBad(item) ? NaN : 1) })
        .mapValues(({ id }) => id)
        .to('out'),
    names: /no valid time \(NaN\)/,
  },
  {
    name: 'a result that cannot be serialised',
    build: (s) => s.stream<Item>('in').mapValues(unwritable).to('out'),
    names: /operator 'to out': .*topic 'out': the value cannot be written/,
  },
  {
    name: 'a result that is too large',
    build: (s) => s.stream<Item>('in').mapValues(tooLarge).to('out'),
    names: /operator 'to out': /,
  },
  {
    name: 'a row of a table that cannot be serialised',
    build: (s) =>
      s
        .stream<Item>('in')
        .groupByKey()
        .aggregate(
          () => null as unknown,
          (_before: unknown, item: Item) => unwritable(item),
          { name: 'rows' },
        )
        .toStream()
        .mapValues((row) => String(row))
        .filter((row) => row !== '1')
        .to('out'),
    names: /operator 'rows': .*store 'rows': the value of key 'bad' cannot be written/,
    key: 'bad',
  },
  {
    name: 'a row that a function writes into',
    build: (s) =>
      s
        .stream<Item>('in')
        .groupByKey()
        .aggregate(
          () => ({ ids: [] as unknown[] }),
          (row: { ids: unknown[] }, item: Item) => {
            row.ids.push(unwritable(item))
            return row
          },
          { name: 'rows' },
        )
        .toStream()
        .filter(({ ids }) => !ids.includes(1n))
        .mapValues(({ ids }) => ids.at(-1))
        .to('out'),
    names: /operator 'rows': .*store 'rows': the value of key 'k' cannot be written/,
  },
  {
    name: 'a window that cannot be serialised',
    build: (s) =>
      s
        .stream<Item>('in')
        .groupByKey()
        .window(tumblingWindow('1h'))
        .aggregate(
          () => null as unknown,
          (_before: unknown, item: Item) => unwritable(item),
          { name: 'windows' },
        )
        .toStream()
        .selectKey(() => 'k')
        .mapValues((row) => String(row))
        .filter((row) => row !== '1')
        .to('out'),
    names: /operator 'windows': .*store 'windows': the value of key 'bad' cannot be written/,
    key: 'bad',
  },
  {
    name: 'a value that cannot be written, for a folder',
    build: (s) =>
      s
        .stream<Item>('in')
        .process<string, string>(
          (context) => {
            const store = context.store<string, unknown>('kept')
            return (item) => {
              store.put(item.id, unwritable(item))
              if (!isBad(item)) context.forward('k', item.id)
            }
          },
          { stores: { kept: {} } },
        )
        .to('out'),
    names: /operator 'process': .*store 'kept': the value of key 'bad' cannot be written/,
    inFolder: true,
  },
]

describe.each(['at-least-once', 'exactly-once'] as const)('what goes wrong with one record, %s', (guarantee) => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let folder: string | undefined
  let app: StreamsApp | undefined

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 200 })
    kafka = new KafkaClient(engine)
    for (const topic of ['in', 'other', 'out', 'aside']) await kafka.admin.createTopic(topic, { partitions: 1 })
  })

  afterEach(async () => {
    await app?.close()
    app = undefined
    await kafka.close()
    await engine.close()
    if (folder !== undefined) await rm(folder, { recursive: true })
    folder = undefined
  })

  const start = async (
    place: Place,
    options: StreamsOptions,
  ): Promise<{ app: StreamsApp; failure: Promise<KafkaError> }> => {
    if (place.inFolder) folder = await mkdtemp(join(tmpdir(), 'kafkado-failing-'))
    const s = kafka.streams({
      application: 'app',
      guarantee,
      commitInterval: 20,
      ...(folder === undefined ? {} : { stateDirectory: folder }),
      ...options,
    })
    place.build(s)
    app = await s.start()
    const failure = new Promise<KafkaError>((resolve) => app?.on('error', ({ error }) => resolve(error as KafkaError)))
    for (const value of [{ id: 'first' }, { id: 'bad', bad: true }, { id: 'last' }] as Item[])
      await kafka.produce('in', value, { key: isBad(value) ? (place.key ?? 'k') : 'k' })
    return { app, failure }
  }

  it.each(places)('$name: ends the application with the names of everything', async (place) => {
    const { failure } = await start(place, {})
    const error = await failure
    expect(error.message).toMatch(/^task \d_0: topic 'in' partition 0 offset 1: /)
    expect(error.message).toMatch(place.names)
    expect(error).toMatchObject({ retriable: false, outcome: 'failed' })
  })

  it.each(places)('$name: is left out when that is wanted, and the others are processed', async (place) => {
    await start(place, { onError: 'skip' })
    const out = take<string>(kafka, 'out')
    const seen: string[] = []
    while (!seen.includes('last')) seen.push(...(await out.next(1)))
    // If a row changes quickly, a join by foreign key forwards only its last state.
    expect(seen.filter((id) => id !== 'first' && id !== 'last')).toEqual([])
    expect(app?.state).toBe('running')
    await out.close()
  })

  it.each(places)('$name: is put aside with the names of everything', async (place) => {
    await start(place, { onError: { deadLetter: 'aside' } })
    const aside = take<Item>(kafka, 'aside')
    const [record] = await aside.records(1)
    expect(record?.value).toEqual({ id: 'bad', bad: true })
    expect(record?.headers['error']).toMatch(place.names)
    expect(record?.headers).toMatchObject({ 'original-topic': 'in', 'original-offset': '1' })
    await aside.close()
  })
})

describe('a global table', () => {
  const good = '{"rate":1}'
  const rates: TopicDefinition<Uint8Array, string> = defineTopic('rates', { value: bytes() })

  const run = async (
    onError: StreamsOptions['onError'],
    act: (kafka: KafkaClient, start: () => Promise<StreamsApp>, poison: () => Promise<unknown>) => Promise<void>,
  ): Promise<void> => {
    const engine = memory()
    const kafka = new KafkaClient(engine)
    for (const topic of ['rates', 'in', 'out', 'aside']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const send = (key: string, value: string): Promise<unknown> =>
      kafka.produce(rates, new TextEncoder().encode(value), { key })
    await send('a', good)
    const s = kafka.streams({ application: 'app', ...(onError === undefined ? {} : { onError }) })
    s.stream<{ key: string }>('in')
      .join(s.globalTable<{ rate: number }>('rates'), { key: ({ key }) => key })
      .mapValues((_, { rate }) => rate)
      .to('out')
    await act(
      kafka,
      () => s.start(),
      async () => {
        await send('broken', '{')
        await send('b', '{"rate":2}')
      },
    )
    await kafka.close()
    await engine.close()
  }
  const names =
    /global table: topic 'rates' partition 0 offset 1: reading failed: store '[^']*rates[^']*': a value cannot be read: /

  it('ends the start with the names of everything', () =>
    run(undefined, async (_kafka, start, poison) => {
      await poison()
      await expect(start()).rejects.toThrow(names)
    }))

  it('ends the application with the names of everything while it runs', () =>
    run(undefined, async (_kafka, start, poison) => {
      const app = await start()
      const failure = new Promise<KafkaError>((resolve) => app.on('error', ({ error }) => resolve(error as KafkaError)))
      await poison()
      expect((await failure).message).toMatch(names)
      await app.close()
    }))

  it.each(['at its start', 'while it runs'])('leaves out what cannot be read and goes on, %s', (when) =>
    run({ deadLetter: 'aside' }, async (kafka, start, poison) => {
      if (when === 'at its start') await poison()
      const app = await start()
      if (when !== 'at its start') await poison()
      const aside = take(kafka, 'aside')
      const [record] = await aside.records(1)
      expect(record?.headers['error']).toMatch(names)
      while ((await app.query('rates-global').get('b')) === undefined) await Promise.resolve()
      await kafka.produce('in', { key: 'b' }, { key: 'k' })
      const out = take<number>(kafka, 'out')
      expect(await out.next(1)).toEqual([2])
      await Promise.all([aside.close(), out.close()])
      await app.close()
    }),
  )
})

it.each([
  { commitInterval: '10s' },
  { commitInterval: 500, producer: { transactionTimeout: 500 } },
] satisfies StreamsOptions[])(
  'refuses %o exactly once, as no transaction would live until its commit',
  async (options) => {
    const transport = memory()
    const s = new KafkaClient(transport).streams({ ...options, guarantee: 'exactly-once' })
    s.stream('in').to('out')
    await expect(s.start()).rejects.toThrow(/commitInterval is \d+ ms and producer.transactionTimeout \d+ ms/)
    await transport.close()
  },
)
