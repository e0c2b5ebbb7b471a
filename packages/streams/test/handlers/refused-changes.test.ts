import { bytes, defineTopic, type KafkaError } from '@kafkado/core'
import type { ErrorHandler, StreamsApp, StreamsBuilder, StreamsError, StreamsOptions } from '@kafkado/streams'
import { describe, expect, it } from 'vitest'
import { until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'
import { appOfEachTest } from './running-app.ts'

const changelog = 'app-texts-changelog'

/** Keeps the last string of each key, and forwards its length. */
function build(s: StreamsBuilder): void {
  s.stream<string>('in')
    .groupByKey()
    .reduce('', (_last, text) => text, { name: 'texts' })
    .toStream()
    .mapValues((text) => text.length)
    .to('out')
}

describe.each(['at-least-once', 'exactly-once'] as const)('a change that its changelog refuses, %s', (guarantee) => {
  const tested = appOfEachTest(guarantee, ['in', 'out', 'aside'])
  const start = (options: StreamsOptions) => tested.start(build, { producer: { maxRequestBytes: 10_000 }, ...options })
  const put = (text: string, key: string) => tested.kafka.produce('in', text, { key })
  const rows = async (app: StreamsApp) =>
    Object.fromEntries((await app.query<string, string>('texts').entries()).map(([key, text]) => [key, text.length]))

  it('is left out of it where production errors are: the row is there until the application starts anew', async () => {
    const app = await start({ onError: { production: 'skip' } })
    const out = take<number>(tested.kafka, 'out')
    await put('small', 'a')
    expect(await out.next(1)).toEqual([5])
    // A change before the next commit would replace it.
    const logged = take<string>(tested.kafka, changelog)
    expect(await logged.next(1)).toEqual(['small'])
    await logged.close()
    for (let count = 0; count < 3; count++) {
      await put('large'.repeat(4000), 'a')
      await put('next', `b${count}`)
      expect(await out.next(2)).toEqual([20_000, 4])
      await until(async () => (await app.tasks())[0]?.failed.production === count + 1)
    }
    expect(await rows(app)).toEqual({ a: 20_000, b0: 4, b1: 4, b2: 4 })
    await app.close()
    const again = await start({ onError: { production: 'skip' } })
    await until(async () => Object.keys(await rows(again)).length === 4)
    expect(await rows(again)).toEqual({ a: 5, b0: 4, b1: 4, b2: 4 })
    await put('anew', 'a')
    expect(await out.next(1)).toEqual([4])
    await again.close()
    await out.close()
  })

  it('is told to the function for production errors, with its store', async () => {
    const told: StreamsError[] = []
    const handler: ErrorHandler = (error, record) => {
      expect(record).toBeUndefined()
      told.push(error)
      return 'deadLetter'
    }
    await start({ onError: { production: handler }, deadLetterTopic: 'aside' })
    await put('large'.repeat(4000), 'a')
    const aside = tested.kafka.consumer(defineTopic('aside', { key: bytes(), value: bytes() }))
    const { rawKey, rawValue, headers } = await aside.next()
    expect([rawKey, rawValue, Object.keys(headers)]).toEqual([null, null, ['error']])
    expect(told).toMatchObject([
      { kind: 'production', code: 'STATE_REFUSED', store: 'texts', output: changelog, task: '0_0', retriable: false },
    ])
    await aside.close()
  })

  it('ends the application else, with an error that says what to do', async () => {
    const app = await start({ onError: { processing: 'skip', deserialization: 'skip' } })
    const failure = new Promise<KafkaError>((resolve) => app.on('error', ({ error }) => resolve(error as KafkaError)))
    await put('large'.repeat(4000), 'a')
    expect(await failure).toMatchObject({
      code: 'STATE_REFUSED',
      retriable: false,
      outcome: 'failed',
      message: expect.stringMatching(
        new RegExp(`^task 0_0: store 'texts': a change .* changelog '${changelog}' .*max.message.bytes$`),
      ) as string,
    })
  })
})
