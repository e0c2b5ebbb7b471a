import { memory } from '@kafkado/broker'
import { StreamsError, type StreamsApp, type StreamsOptions } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'
import * as failing from './failing-module.ts'
import * as handled from './handled-module.ts'
import * as unclosing from './unclosing-module.ts'

const handledModule = new URL('handled-module.ts', import.meta.url)
const unclosingModule = new URL('unclosing-module.ts', import.meta.url)
const failingModule = new URL('failing-module.ts', import.meta.url)

describe('errors in threads', () => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let app: StreamsApp | undefined

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 200, sessionTimeout: 1000 })
    kafka = new KafkaClient(engine)
    for (const topic of [handled.input, handled.output, failing.input, failing.output, 'aside'])
      await kafka.admin.createTopic(topic, { partitions: 1 })
  })

  afterEach(async () => {
    await app?.close()
    app = undefined
    await kafka.close()
    await engine.close()
  })

  const start = async (options: StreamsOptions): Promise<StreamsApp> => {
    app = await kafka.streams({ application: 'app', commitInterval: 20, ...options }).start()
    return app
  }

  it.each([0, 1])('are dealt with by what the module exports, with %i workers', async (workers) => {
    await start({ workers, module: handledModule, deadLetterTopic: 'aside' })
    const [out, aside] = [take<number>(kafka, handled.output), kafka.consumer('aside', { onInvalid: 'skip' })]
    await kafka.produce(handled.input, -1, { key: 'k' })
    await kafka.produce(handled.input, -2, { key: 'k', headers: { keep: 'yes' } })
    await kafka.produce(handled.input, 3, { key: 'k' })
    expect(await out.next(1)).toEqual([6])
    const letter = await aside.next()
    expect([letter.value, letter.headers['original-offset']]).toEqual([-2, '1'])
    expect((await app?.tasks())?.[0]?.failed).toEqual({ processing: 2 })
    await Promise.all([out.close(), aside.close()])
  })

  it('are dealt with by policies, which are data', async () => {
    await start({ workers: 1, module: failingModule, onError: { processing: { deadLetter: 'aside' } } })
    const [out, aside] = [take<string>(kafka, failing.output), take<string>(kafka, 'aside')]
    await kafka.produce(failing.input, 'throw', { key: 'k' })
    await kafka.produce(failing.input, 'go on', { key: 'k' })
    expect([await out.next(1), await aside.next(1)]).toEqual([['go on'], ['throw']])
    await Promise.all([out.close(), aside.close()])
  })

  it.each([0, 1])('are told where they end nothing, with %i workers', async (workers) => {
    await kafka.admin.createTopic(unclosing.input, { partitions: 2 })
    const options = { workers, module: unclosingModule }
    const one = await start(options)
    const told: [string, unknown][] = []
    one.on('error', ({ error }) => told.push([one.state, error]))
    await until(async () => (await one.tasks()).length === 2)
    const two = await kafka.streams({ application: 'app', ...options }).start()
    await until(() => told.length === 1)
    await until(async () => (await two.tasks()).length === 1)
    expect(one.state).toBe('running')
    await one.close()
    await two.close()
    const failure = { code: 'PROCESSING_FAILED', cause: { name: 'RangeError' } }
    expect(told).toMatchObject([
      ['running', failure],
      ['closing', failure],
    ])
  })

  it.each([0, 1])('end the application as what they were, with %i workers', async (workers) => {
    const running = await start({ workers, module: failingModule })
    const failure = new Promise<unknown>((resolve) => running.on('error', ({ error }) => resolve(error)))
    await kafka.produce(failing.input, 'throw', { key: 'k' })
    const error = (await failure) as StreamsError
    expect(StreamsError.is(error)).toBe(true)
    expect(error).toMatchObject({
      name: 'StreamsError',
      code: 'PROCESSING_FAILED',
      kind: 'processing',
      task: '0_0',
      topic: failing.input,
      partition: 0,
      offset: 0,
      operator: 'mapValues',
      retriable: false,
      outcome: 'failed',
      cause: { name: 'RangeError', message: 'out of range', cause: { name: 'TypeError', message: 'of no type' } },
    })
  })

  it.each(['throw', 'exit', 'crash'])(
    "replace a thread whose record says '%s', and the others go on",
    async (command) => {
      const errors: string[] = []
      const running = await start({
        workers: 1,
        module: failingModule,
        guarantee: 'exactly-once',
        // An open transaction of a dead thread holds up readers for this long.
        producer: { transactionTimeout: '1s' },
        onUncaughtError: (error) => {
          errors.push((error as Error).message)
          return 'replace'
        },
      })
      const out = take<string>(kafka, failing.output)
      await kafka.produce(failing.input, 'first', { key: 'k' })
      expect(await out.next(1)).toEqual(['first'])
      await kafka.produce(failing.input, command, { key: 'k' })
      await until(() => errors.length === 2)
      // It stands in the way until it is deleted from the topic.
      await kafka.admin.deleteRecords(failing.input, 2)
      await kafka.produce(failing.input, 'last', { key: 'k' })
      const seen: string[] = []
      while (seen.at(-1) !== 'last') seen.push(...(await out.next(1)))
      expect(seen.filter((one) => one !== command)).toEqual(['last'])
      const said = { throw: /out of range/, exit: /has exited with code 3/, crash: /nobody catches this/ }[command]
      expect(errors[0]).toMatch(said as RegExp)
      await until(() => running.state === 'running')
      await out.close()
    },
  )

  it('end the application when a thread exits, by default', async () => {
    const running = await start({ workers: 1, module: failingModule })
    const failure = new Promise<unknown>((resolve) => running.on('error', ({ error }) => resolve(error)))
    await kafka.produce(failing.input, 'exit', { key: 'k' })
    expect(await failure).toMatchObject({ code: 'THREAD_FAILED', message: expect.stringMatching(/exited with code 3/) })
  })
})

describe('what cannot be', () => {
  const deadLetter = /'deadLetter', but there is no topic for it: give the application a deadLetterTopic/
  const expected = /onError must be 'fail', 'skip', 'deadLetter', \{ deadLetter: TOPIC \} or a function, or \{ deser/
  const module = handledModule
  const refused: readonly [name: string, options: unknown, said: RegExp][] = [
    ['a word that is none', { onError: 'retry' }, expected],
    ['a kind that is none', { onError: { serialization: 'skip' } }, expected],
    ['a policy of a kind that is none', { onError: { production: 'retry' } }, expected],
    ['a policy beside those of kinds', { onError: { deadLetter: 'aside', production: 'skip' } }, expected],
    ['a topic that is none', { onError: { deadLetter: 5 } }, expected],
    ['a list', { onError: ['skip'] }, expected],
    [
      "'deadLetter' without a topic",
      { onError: 'deadLetter' },
      /onError is 'deadLetter', but there is no topic for it/,
    ],
    ["'deadLetter' without a topic, of a kind", { onError: { production: 'deadLetter' } }, deadLetter],
    [
      'a topic with a name that cannot be',
      { onError: { processing: { deadLetter: 'a b' } } },
      /onError.processing.deadLetter: "a b"/,
    ],
    ['a deadLetterTopic with a name that cannot be', { deadLetterTopic: 'a/b' }, /deadLetterTopic: "a\/b"/],
    ['an answer to uncaught errors that is none', { onUncaughtError: 'restart' }, /onUncaughtError must be 'shutDown'/],
    [
      'a function for threads',
      { workers: 1, module, onError: () => 'skip' },
      /cannot be given to another thread: export/,
    ],
    [
      'a function of a kind for threads',
      { workers: 1, module, onError: { production: () => 'skip' } },
      /function for production, which cannot be given to another thread: export it from the module/,
    ],
    ['what the module exports as well', { workers: 1, module, onError: 'skip' }, /given as an option and exported by/],
    ['the same without threads', { module, onError: 'skip' }, /given as an option and exported by .*handled-module/],
    ["a module that answers 'deadLetter' without a topic", { module }, /onError.deserialization is 'deadLetter'/],
  ]

  it.each(refused)('is refused at the start: %s', async (_, options, said) => {
    const engine = memory()
    const s = new KafkaClient(engine).streams({ application: 'app', ...(options as StreamsOptions) })
    s.stream('in').to('out')
    await expect(s.start()).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringMatching(said) })
    await engine.close()
  })
})
