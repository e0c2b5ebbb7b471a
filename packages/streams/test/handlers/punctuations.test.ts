import { memory } from '@kafkado/broker'
import { type ErrorHandler, type StreamsBuilder, StreamsError, type StreamsOptions } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { KafkaClient } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { take } from '../take.ts'

/** Of three punctuations the second one throws. */
const punctuating =
  (type: 'stream-time' | 'wall-clock') =>
  (s: StreamsBuilder): unknown =>
    s
      .stream<string>('in')
      .process<string, string>(
        (context) => {
          context.schedule('1s', type, () => context.forward('k', 'before'))
          context.schedule('1s', type, () => {
            throw new Error('out of time')
          })
          context.schedule('1s', type, () => context.forward('k', 'after'))
          return () => undefined
        },
        { stores: {} },
      )
      .to('out')

describe.each(['stream-time', 'wall-clock'] as const)('a punctuation by %s that throws', (type) => {
  const fire = (onError: StreamsOptions['onError'], options: { deadLetterTopic?: string } = {}): TopologyTestDriver => {
    const driver = new TopologyTestDriver(punctuating(type), { onError, ...options })
    driver.pipe('in', 'x', { key: 'k', timestamp: 5000 })
    if (type === 'wall-clock') driver.advance('1s')
    return driver
  }

  it('ends the application by default, as an error of processing that names no record', () => {
    const failed = { kind: 'processing', operator: 'process', topic: undefined, offset: undefined }
    expect(() => fire('fail')).toThrow(expect.objectContaining(failed) as unknown as Error)
    expect(() => fire({ deserialization: 'skip', production: 'skip' })).toThrow(/operator 'process': .*out of time/)
  })

  it('is left out, while those that are due with it are fired', () => {
    const driver = fire({ processing: 'skip' })
    expect(driver.read('out').map(({ value }) => value)).toEqual(['before', 'after'])
    expect(driver.failed()).toEqual({ processing: 1 })
  })

  it('leaves a dead letter with nothing but the reason', () => {
    const driver = fire({ processing: 'deadLetter' }, { deadLetterTopic: 'aside' })
    const [letter, ...others] = driver.read('aside')
    expect(others).toEqual([])
    expect(letter).toMatchObject({ key: null, value: null })
    expect(Object.keys(letter?.headers ?? {})).toEqual(['error'])
    expect(letter?.headers['error']).toMatch(/^StreamsError: task 0_0: operator 'process': .*out of time$/)
  })

  it('is told to a function, without a record', () => {
    const told: unknown[] = []
    const handler: ErrorHandler = (error, record) => {
      told.push([StreamsError.is(error), record])
      return 'skip'
    }
    fire(handler)
    expect(told).toEqual([[true, undefined]])
  })
})

describe.each(['at-least-once', 'exactly-once'] as const)('in an application, %s', (guarantee) => {
  it('punctuations that throw are put aside again and again, and the others go on', async () => {
    const engine = memory({ heartbeatInterval: 200 })
    const kafka = new KafkaClient(engine)
    for (const topic of ['in', 'out', 'aside']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const s = kafka.streams({
      application: 'app',
      guarantee,
      commitInterval: 20,
      onError: { processing: { deadLetter: 'aside' } },
    })
    s.stream<string>('in')
      .process<string, string>((context) => {
        context.schedule(10, 'wall-clock', () => {
          throw new Error('out of time')
        })
        context.schedule(10, 'wall-clock', () => context.forward('k', 'tick'))
        return () => undefined
      })
      .to('out')
    const app = await s.start()
    const [out, aside] = [take<string>(kafka, 'out'), take(kafka, 'aside')]
    expect(await out.next(3)).toEqual(['tick', 'tick', 'tick'])
    const letters = await aside.records(2)
    expect(letters.map(({ value, headers }) => [value, Object.keys(headers)])).toEqual([
      [null, ['error']],
      [null, ['error']],
    ])
    expect(app.state).toBe('running')
    await Promise.all([out.close(), aside.close()])
    await app.close()
    await kafka.close()
    await engine.close()
  })
})
