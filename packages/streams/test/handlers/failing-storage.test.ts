import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import { seededRandom, SerializationError, StorageError, systemRuntime, TimeoutError } from '@kafkado/core'
import type { ErrorAnswer, StreamsApp, StreamsBuilder, StreamsOptions } from '@kafkado/streams'
import { type OpenStateStorage, platform } from '@kafkado/streams/internal'
import fc from 'fast-check'
import { KafkaClient } from 'kafkado'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { until } from '../../../../tests/passing-time.ts'
import { SlowDisk } from '../failures/slow-storage.ts'

interface Item {
  readonly id: string
}

/** Operators that read a store for each record, and forward one result for each, by its key. */
const operators: Readonly<Record<string, (s: StreamsBuilder) => unknown>> = {
  count: (s) => s.stream<Item>('in').groupByKey().count().toStream().to('out'),
  reduce: (s) =>
    s
      .stream<Item>('in')
      .groupByKey()
      .reduce((_, item) => item)
      .toStream()
      .to('out'),
  'a count of a repartitioned stream': (s) =>
    s
      .stream<Item>('in')
      .groupBy(({ id }) => id)
      .count()
      .toStream()
      .to('out'),
  'a table': (s) => s.table<Item>('in').toStream().to('out'),
  'a join with a table': (s) =>
    s
      .stream<Item>('in')
      .leftJoin(s.table<Item>('rows'))
      .mapValues((pair) => pair)
      .to('out'),
  'a join of tables': (s) =>
    s
      .table<Item>('in')
      .leftJoin(s.table<Item>('rows'), (item) => item)
      .toStream()
      .to('out'),
  'a count behind an asynchronous operator': (s) =>
    s
      .stream<Item>('in')
      .mapAsync((item) => Promise.resolve(item))
      .groupByKey()
      .count()
      .toStream()
      .to('out'),
  'a processor that asks for a row': (s) =>
    s
      .stream<Item>('in')
      .process<string, unknown>(
        (context) => {
          const rows = context.store<string, number>('rows')
          return (item) => context.forward(item.id, rows.get(item.id) ?? 0)
        },
        { stores: { rows: {} } },
      )
      .to('out'),
  'a processor that asks for all rows': (s) =>
    s
      .stream<Item>('in')
      .process<string, unknown>(
        (context) => {
          const rows = context.store<string, number>('rows')
          return (item) => context.forward(item.id, [...rows.entries()].length)
        },
        { stores: { rows: {} } },
      )
      .to('out'),
  'a punctuation that asks for a row': (s) =>
    s
      .stream<Item>('in')
      .process<string, unknown>(
        (context) => {
          const rows = context.store<string, number>('rows')
          let last = ''
          // It is due after each record.
          context.schedule(1, 'stream-time', () => context.forward(last, rows.get(last) ?? 0))
          return ({ id }) => {
            last = id
          }
        },
        { stores: { rows: {} } },
      )
      .to('out'),
}

/** Possible reactions of an operator to an unreadable row. */
const answers: Readonly<Record<string, (error: unknown, id: string) => void>> = {
  'throws another error because of it': (cause, id) => {
    throw new Error(`the row ${id} is lost`, { cause })
  },
  'throws another error': (_, id) => {
    throw new Error(`the row ${id} is lost`)
  },
  'says that its value is wrong': (_, id) => {
    throw new SerializationError(`the row ${id} is nothing`)
  },
  'throws a text': (_, id) => {
    // oxlint-disable-next-line only-throw-error -- as a user's code may do
    throw `the row ${id} is lost`
  },
  'goes on without a result': () => undefined,
}

type Answer = (error: unknown, id: string) => void
const rows = { stores: { rows: {} } }
/** Operators that learn of an unreadable row, and their reaction. */
const tellers: Readonly<Record<string, (answer: Answer, s: StreamsBuilder) => unknown>> = {
  'a processor': (answer, s) =>
    s
      .stream<Item>('in')
      .process<string, unknown>((context) => {
        const table = context.store<string, number>('rows')
        return ({ id }) => tried(answer, id, () => context.forward(id, table.get(id) ?? 0))
      }, rows)
      .to('out'),
  'a processor that asks for all rows': (answer, s) =>
    s
      .stream<Item>('in')
      .process<string, unknown>((context) => {
        const table = context.store<string, number>('rows')
        return ({ id }) => tried(answer, id, () => context.forward(id, [...table.entries()].length))
      }, rows)
      .to('out'),
  'a processor of values': (answer, s) =>
    s
      .stream<Item>('in')
      .processValues<unknown>((context) => {
        const table = context.store<string, number>('rows')
        return ({ id }) => tried(answer, id, () => context.forward(table.get(id) ?? 0))
      }, rows)
      .to('out'),
  'what transforms the values of a table': (answer, s) =>
    s
      .table<Item>('in')
      .transformValues<unknown>((context) => {
        const table = context.store<string, number>('rows')
        return (_, id) => tried(answer, id, () => table.get(id) ?? 0) ?? null
      }, rows)
      .toStream()
      .filter((value) => value !== null)
      .to('out'),
  'a punctuation': (answer, s) =>
    s
      .stream<Item>('in')
      .process<string, unknown>((context) => {
        const table = context.store<string, number>('rows')
        let last = ''
        context.schedule(1, 'stream-time', () => tried(answer, last, () => context.forward(last, table.get(last) ?? 0)))
        return ({ id }) => {
          last = id
        }
      }, rows)
      .to('out'),
  'a processor before one that asks for a row': (answer, s) =>
    s
      .stream<Item>('in')
      .process<string, Item>((context) => (item) => tried(answer, item.id, () => context.forward(item.id, item)))
      .groupByKey()
      .count()
      .toStream()
      .to('out'),
}

function tried<T>(answer: Answer, id: string, act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    answer(error, id)
    return undefined
  }
}

const told = Object.entries(tellers).flatMap(([teller, build]) =>
  Object.entries(answers).map(([does, answer]): [string, (s: StreamsBuilder) => unknown] => [
    `${teller} that ${does}`,
    (s) => build(answer, s),
  ]),
)

const ids = Array.from({ length: 5 }, (_, index) => `id-${index}`)

/** One of the reads fails. */
class FailingDisk {
  readonly #disk = new SlowDisk(systemRuntime.clock, seededRandom(1), 0)
  readonly #failsAt: number
  readonly #retriable: boolean
  #reads = 0

  constructor(failsAt: number, retriable: boolean) {
    this.#failsAt = failsAt
    this.#retriable = retriable
  }

  get hasFailed(): boolean {
    return this.#reads > this.#failsAt
  }

  in(folder: string): OpenStateStorage {
    const open = this.#disk.in(folder)
    return async (task) => {
      const storage = await open(task)
      return Object.assign(Object.create(storage) as typeof storage, {
        table: (name: string) => {
          const table = storage.table(name)
          const [beginRead, rows] = [() => this.#beginRead(), () => table.entries()]
          return {
            get(key: Uint8Array) {
              beginRead()
              return table.get(key)
            },
            // Read one by one while the caller iterates.
            *entries() {
              beginRead()
              yield* rows()
            },
          }
        },
      })
    }
  }

  #beginRead(): void {
    if (this.#reads++ === this.#failsAt) throw new StorageError('EIO: i/o error, read', { retriable: this.#retriable })
  }
}

const longestRunMs = 20_000

type OnError = NonNullable<StreamsOptions['onError']>

/**
 * Runs an application until it has a result for each record, restarting it when it ends; or until it has left something
 * out.
 */
class Run {
  readonly #kafka: KafkaClient
  readonly #engine = memory({ heartbeatInterval: 200 })
  readonly #build: (s: StreamsBuilder) => unknown
  readonly #options: StreamsOptions
  #folder = ''
  /** The keys of the results, in order. */
  readonly out: string[] = []
  /** The errors that ended it. */
  readonly ended: unknown[] = []
  leftOut = 0
  #app!: StreamsApp

  constructor(build: (s: StreamsBuilder) => unknown, options: StreamsOptions) {
    this.#build = build
    this.#options = options
    this.#kafka = new KafkaClient(this.#engine)
  }

  async run(): Promise<this> {
    this.#folder = await mkdtemp(join(tmpdir(), 'kafkado-failing-'))
    for (const topic of ['in', 'out', 'aside', 'rows']) await this.#kafka.admin.createTopic(topic, { partitions: 1 })
    const startTime = systemRuntime.clock.now()
    for (const [index, id] of ids.entries())
      await this.#kafka.produce('in', { id } satisfies Item, { key: id, timestamp: startTime + index * 10 })
    const consumer = this.#kafka.consumer('out')
    await this.#start()
    const reading = (async () => {
      while (new Set(this.out).size < ids.length) this.out.push((await consumer.next()).key as string)
    })().catch(() => undefined)
    // A run that silently skipped a record gets no further results.
    const endMs = performance.now() + longestRunMs
    await until(async () => {
      if (performance.now() > endMs) return true
      for (const { failed } of await this.#app.tasks())
        this.leftOut += Object.values(failed).reduce((sum, count) => sum + count, 0)
      if (this.leftOut > 0 || new Set(this.out).size === ids.length) return true
      if (this.#app.state === 'failed') await this.#start()
      return false
    })
    await consumer.close()
    await reading
    await this.#app.close()
    await this.#kafka.close()
    await this.#engine.close()
    await rm(this.#folder, { recursive: true })
    return this
  }

  async #start(): Promise<void> {
    const s = this.#kafka.streams({
      application: 'app',
      stateDirectory: this.#folder,
      commitInterval: 20,
      ...this.#options,
    })
    this.#build(s)
    this.#app = await s.start()
    this.#app.on('error', ({ error }) => this.ended.push(error))
  }
}

describe.each(['at-least-once', 'exactly-once'] as const)('a storage that cannot be read, %s', (guarantee) => {
  afterEach(() => vi.restoreAllMocks())

  it.each([...Object.entries(operators), ...told])('is nothing that %s leaves out a record for', async (_, build) => {
    const asked: unknown[] = []
    const answering =
      (answer: ErrorAnswer) =>
      (error: Error): ErrorAnswer => {
        asked.push(error)
        return answer
      }
    const policies: OnError[] = [
      'skip',
      { deadLetter: 'aside' },
      answering('skip'),
      { processing: answering('deadLetter') },
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.nat(ids.length - 1),
        fc.boolean(),
        fc.constantFrom(...policies),
        async (failsAt, retriable, onError) => {
          const disk = new FailingDisk(failsAt, retriable)
          vi.spyOn(platform, 'stateStorageIn').mockImplementation((path) => disk.in(path))
          const run = await new Run(build, { guarantee, onError, deadLetterTopic: 'aside' }).run()
          expect(disk.hasFailed).toBe(true)
          expect([run.leftOut, asked]).toEqual([0, []])
          expect(run.out.toSorted().filter((id, at, all) => id !== all[at - 1])).toEqual(ids)
          if (guarantee === 'exactly-once') expect(run.out).toHaveLength(ids.length)
          expect(run.ended).toEqual(retriable ? [] : [expect.objectContaining({ code: 'STORAGE', retriable: false })])
        },
      ),
      { numRuns: 2, endOnFailure: true },
    )
  })
})

/** A server's own error, and one thrown because of it. */
const requests: Readonly<Record<string, (cause: Error) => Error>> = {
  'that fails': (cause) => cause,
  'that another error is thrown for': (cause) => new Error('no rate today', { cause }),
}

it.each(Object.entries(requests))(
  'a request of an operator %s is nothing that a record is left out for',
  async (_, thrown) => {
    let calls = 0
    const build = (s: StreamsBuilder): unknown =>
      s
        .stream<Item>('in')
        .mapValues((item) => {
          if (calls++ === 2) throw thrown(new TimeoutError('no answer within 1 s'))
          return item
        })
        .to('out')
    const run = await new Run(build, { onError: 'skip' }).run()
    expect([run.leftOut, run.ended]).toEqual([0, []])
    expect(new Set(run.out)).toEqual(new Set(ids))
    expect(calls).toBeGreaterThan(ids.length)
  },
)
