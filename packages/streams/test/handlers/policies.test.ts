import {
  type ErrorHandler,
  type ErrorHandlers,
  type ErrorKind,
  type ErrorPolicy,
  StreamsError,
  type StreamsApp,
  type StreamsOptions,
} from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import type { KafkaClient } from 'kafkado'
import { beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'
import { appOfEachTest } from './running-app.ts'
import { badBytes, type Failing, failings, type Item, raw } from './failing-kinds.ts'

type Choice = ErrorPolicy | ErrorHandler

const kinds: readonly ErrorKind[] = ['deserialization', 'processing', 'production']
/** A choice for one kind; the other kinds end the application. */
const only = (kind: ErrorKind, choice: Choice): ErrorHandlers => ({ [kind]: choice })
/** The other way round. */
const allBut = (kind: ErrorKind, choice: Choice): ErrorHandlers =>
  Object.fromEntries(kinds.map((one) => [one, one === kind ? choice : 'skip']))

const forms: readonly { readonly name: string; readonly choice: Choice; readonly isAside: boolean }[] = [
  { name: "'skip'", choice: 'skip', isAside: false },
  { name: "'deadLetter'", choice: 'deadLetter', isAside: true },
  { name: '{ deadLetter }', choice: { deadLetter: 'aside' }, isAside: true },
  { name: "a function that answers 'skip'", choice: () => 'skip', isAside: false },
  { name: "a function that answers 'deadLetter'", choice: () => 'deadLetter', isAside: true },
]

/** Functions without a valid answer, and the errors about them. */
const wrong: readonly { readonly name: string; readonly handler: () => unknown; readonly said: RegExp }[] = [
  {
    name: 'throws',
    handler: () => {
      throw new Error('the handler is lost')
    },
    said: /threw: the handler is lost$/,
  },
  {
    name: 'throws something that is no error',
    handler: () => {
      // oxlint-disable-next-line typescript/only-throw-error -- user code may do this
      throw 'lost'
    },
    said: /threw: lost$/,
  },
  {
    name: 'answers with a promise',
    handler: () => Promise.resolve('skip'),
    said: /answered with a Promise; it has to answer one of 'fail', 'skip', 'deadLetter', at once$/,
  },
  {
    name: 'answers with a promise that is rejected',
    handler: () => Promise.reject(new Error('later')),
    said: /answered with a Promise/,
  },
  ...[undefined, null, 'retry', true, {}, { deadLetter: 'aside' }, Object.create(null)].map((answer: unknown) => ({
    name: `answers ${JSON.stringify(answer)}`,
    handler: () => answer,
    said: /answered .*; it has to answer one of 'fail', 'skip', 'deadLetter'$/,
  })),
  {
    name: "answers 'deadLetter' where there is no topic",
    handler: () => 'deadLetter',
    said: /answered 'deadLetter', but the application has no deadLetterTopic/,
  },
]

const placeOfBad = { topic: 'in', partition: 0, offset: 1 }

describe.each(['at-least-once', 'exactly-once'] as const)('onError, %s', (guarantee) => {
  const tested = appOfEachTest(guarantee, ['in', 'out', 'aside'])
  let kafka: KafkaClient
  beforeEach(() => {
    ;({ kafka } = tested)
  })

  const start = async (
    { build, isUnreadable }: Failing,
    options: StreamsOptions,
  ): Promise<{ app: StreamsApp; failure: Promise<unknown> }> => {
    const running = await tested.start(build, options)
    const failure = new Promise<unknown>((resolve) => running.on('error', ({ error }) => resolve(error)))
    await kafka.produce('in', { id: 'first' }, { key: 'k' })
    if (isUnreadable) await kafka.producer(raw).sendRaw(badBytes, { key: 'k' })
    else await kafka.produce('in', { id: 'bad', bad: true } satisfies Item, { key: 'k' })
    await kafka.produce('in', { id: 'last' }, { key: 'k' })
    return { app: running, failure }
  }

  const failed = async (running: StreamsApp): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {}
    for (const task of await running.tasks())
      for (const [kind, count] of Object.entries(task.failed)) counts[kind] = (counts[kind] ?? 0) + count
    return counts
  }

  describe.each(failings)('$name', (failing) => {
    const { kind, fields } = failing

    it.each(forms)('is dealt with by $name for its kind alone, and counted as that', async ({ choice, isAside }) => {
      const { app: running } = await start(failing, { onError: only(kind, choice), deadLetterTopic: 'aside' })
      const out = take<string>(kafka, 'out')
      expect(await out.next(2)).toEqual(['first', 'last'])
      if (isAside) {
        const aside = kafka.consumer({ ...raw, name: 'aside' })
        const { headers, offset } = await aside.next()
        expect(headers).toMatchObject({ 'original-topic': 'in', 'original-partition': '0', 'original-offset': '1' })
        expect(offset).toBe(0)
        await aside.close()
      }
      await until(async () => Object.keys(await failed(running)).length > 0)
      expect([await failed(running), running.state]).toEqual([{ [kind]: 1 }, 'running'])
      await out.close()
    })

    it('ends the application by the policy for its kind, with everything that is known as fields', async () => {
      const { failure } = await start(failing, { onError: allBut(kind, 'fail') })
      const error = await failure
      expect(error).toBeInstanceOf(StreamsError)
      expect(error).toMatchObject({ kind, ...placeOfBad, ...fields, retriable: false, outcome: 'failed' })
      expect((error as StreamsError).task).toMatch(/^0_0$/)
      expect((error as StreamsError).cause).toBeInstanceOf(Error)
    })

    it('is told to a function, once, with the record as it came', async () => {
      const told: unknown[] = []
      const handler: ErrorHandler = (error, record) => {
        told.push([error.kind, error.offset, record?.offset, record?.rawKey && new TextDecoder().decode(record.rawKey)])
        expect(error).toMatchObject({ kind, ...placeOfBad, ...fields })
        return 'skip'
      }
      const { app: running } = await start(failing, { onError: handler })
      await until(async () => Object.keys(await failed(running)).length > 0)
      expect(told).toEqual([[kind, 1, 1, 'k']])
    })

    it.each(wrong)('ends the application with both errors where the function $name', async ({ handler, said }) => {
      const { failure } = await start(failing, { onError: allBut(kind, handler as ErrorHandler) })
      const error = (await failure) as StreamsError
      expect(error).toMatchObject({ code: 'ERROR_HANDLER_FAILED', kind, ...placeOfBad, retriable: false })
      expect(error.message).toMatch(
        /^task 0_0: topic 'in' partition 0 offset 1: .*; and the function that onError has for /s,
      )
      expect(error.message).toMatch(said)
    })
  })
})

describe('onError in a TopologyTestDriver', () => {
  const failingHere = failings.filter(({ needsServer }) => needsServer !== true)

  const pipe = (driver: TopologyTestDriver, { isUnreadable }: Failing): void => {
    driver.pipe('in', { id: 'first' }, { key: 'k' })
    if (isUnreadable) driver.pipe(raw, badBytes, { key: 'k' })
    else driver.pipe('in', { id: 'bad', bad: true }, { key: 'k' })
    driver.pipe('in', { id: 'last' }, { key: 'k' })
  }

  describe.each(failingHere.filter(({ name }) => !/asynchronous|row/.test(name)))('$name', (failing) => {
    const { kind, fields } = failing

    it.each(forms)('is dealt with by $name for its kind alone', ({ choice, isAside }) => {
      const driver = new TopologyTestDriver(failing.build, { onError: only(kind, choice), deadLetterTopic: 'aside' })
      pipe(driver, failing)
      expect(driver.read('out').map(({ value }) => value)).toEqual(['first', 'last'])
      const aside = driver.read({ ...raw, name: 'aside' })
      expect(aside.map(({ headers }) => headers['original-offset'])).toEqual(isAside ? ['1'] : [])
      expect(driver.failed()).toEqual({ [kind]: 1 })
    })

    it('is thrown by pipe as it is', () => {
      const driver = new TopologyTestDriver(failing.build, { onError: allBut(kind, 'fail') })
      expect(() => pipe(driver, failing)).toThrow(
        expect.objectContaining({ kind, ...placeOfBad, ...fields }) as unknown as Error,
      )
    })

    it.each(wrong)('is thrown with both errors where the function $name', ({ handler, said }) => {
      const driver = new TopologyTestDriver(failing.build, { onError: allBut(kind, handler as ErrorHandler) })
      expect(() => pipe(driver, failing)).toThrow(said)
    })
  })
})
