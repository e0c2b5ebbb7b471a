import { bytes, defineTopic, type KafkaError, type KafkaRecord } from '@kafkado/core'
import { keyValue } from '@kafkado/streams'
import type { KafkaClient } from 'kafkado'
import { beforeEach, describe, expect, it } from 'vitest'
import { take } from '../take.ts'
import { until } from '../../../../tests/passing-time.ts'
import { appOfEachTest, type RunningApp } from './running-app.ts'

type RawRecord = KafkaRecord<Uint8Array | null, Uint8Array>

const rawTopic = (name: string) => defineTopic(name, { key: bytes(), value: bytes() })

describe.each(['at-least-once', 'exactly-once'] as const)('what is put aside, %s', (guarantee) => {
  const tested = appOfEachTest(guarantee, ['in', 'out', 'second', 'aside'])
  const start: RunningApp['start'] = (build, options) => tested.start(build, options)
  let kafka: KafkaClient
  beforeEach(() => {
    ;({ kafka } = tested)
  })

  const letters = async (count: number): Promise<RawRecord[]> => {
    const consumer = kafka.consumer(rawTopic('aside'))
    const taken: RawRecord[] = []
    while (taken.length < count) taken.push(await consumer.next())
    await consumer.close()
    return taken
  }

  /** The number of records that readers of a topic see. */
  const countOf = async (topic: string): Promise<number> => {
    const end = await kafka.produce(topic, 'end', { key: 'end' })
    const consumer = kafka.consumer(rawTopic(topic))
    let count = 0
    while ((await consumer.next()).offset < end.offset) count++
    await consumer.close()
    return count
  }

  it('is the record as it came, byte for byte; sent again it gives its result once', async () => {
    let isMended = false
    await start(
      (s) =>
        s
          .stream<{ amount: number }>('in')
          .mapValues(({ amount }) => {
            if (amount < 0 && !isMended) throw new Error('no such amount')
            return amount
          })
          .to('out'),
      { onError: { processing: { deadLetter: 'aside' } } },
    )
    const value = new TextEncoder().encode('{ "amount":  -5 }')
    const headers: [string, Uint8Array | null][] = [
      ['binary', Uint8Array.of(0, 255, 128)],
      ['none', null],
      ['twice', new TextEncoder().encode('a')],
      ['twice', new TextEncoder().encode('b')],
    ]
    const timestamp = Date.UTC(2026, 0, 2)
    const key = new TextEncoder().encode('shop')
    await kafka.producer(rawTopic('in')).sendRaw(value, { key, headers, timestamp })
    await kafka.produce('in', { amount: 1 }, { key: 'shop' })
    const [letter] = await letters(1)
    expect(letter?.rawKey).toEqual(key)
    expect(letter?.rawValue).toEqual(value)
    expect(letter?.rawHeaders.slice(0, 4)).toEqual(headers)
    expect(letter?.headers).toMatchObject({
      'original-topic': 'in',
      'original-partition': '0',
      'original-offset': '0',
      'original-timestamp': String(timestamp),
      error: expect.stringMatching(/^StreamsError: task 0_0: topic 'in' .*operator 'mapValues': .*no such amount$/),
    })
    const out = take<number>(kafka, 'out')
    expect(await out.next(1)).toEqual([1])

    isMended = true
    await kafka.producer(rawTopic(letter?.headers['original-topic'] as string)).sendRaw(letter?.rawValue ?? null, {
      key: letter?.rawKey as Uint8Array,
      headers: letter?.rawHeaders.slice(0, headers.length) ?? [],
      timestamp: Number(letter?.headers['original-timestamp']),
    })
    const [again] = await out.records(1)
    expect([again?.value, again?.timestamp, again?.key]).toEqual([-5, timestamp, 'shop'])
    expect(again?.rawHeaders).toEqual(headers)
    expect([await countOf('out'), await countOf('aside')]).toEqual([2, 1])
    await out.close()
  })

  it('are records without a key and without a value too', async () => {
    await start(
      (s) =>
        s
          .stream('in')
          .peek(() => {
            throw new Error('nothing is right')
          })
          .to('out'),
      { onError: 'deadLetter', deadLetterTopic: 'aside' },
    )
    await kafka.produce('in', { id: 1 })
    await kafka.produce('in', null, { key: 'gone' })
    const taken = await letters(2)
    expect(taken.map(({ rawKey, rawValue }) => [rawKey === null, rawValue === null])).toEqual([
      [true, false],
      [false, true],
    ])
  })

  it('is a result that cannot be written, while the other results of its record are', async () => {
    const running = await start(
      (s) => {
        const items = s.stream<string[]>('in')
        items.flatMapValues((ids) => ids.map((id) => (id === 'huge' ? id.repeat(500_000) : id))).to('out')
        return items.mapValues((ids) => (ids.includes('odd') ? (1n as unknown as string) : ids.join())).to('second')
      },
      { onError: { production: { deadLetter: 'aside' } } },
    )
    const out = take<string>(kafka, 'out')
    const second = take<string>(kafka, 'second')
    await kafka.produce('in', ['a', 'huge', 'b'], { key: 'k' })
    await kafka.produce('in', ['c', 'odd'], { key: 'k' })
    await kafka.produce('in', ['d'], { key: 'k' })
    expect(await out.next(5)).toEqual(['a', 'b', 'c', 'odd', 'd'])
    expect(await second.next(2)).toEqual(['a,huge,b', 'd'])
    const taken = await letters(2)
    expect(new Set(taken.map(({ headers }) => headers['original-offset']))).toEqual(new Set(['0', '1']))
    await until(async () => (await running.tasks())[0]?.failed.production === 2)
    expect([await countOf('out'), await countOf('second'), await countOf('aside')]).toEqual([5, 2, 2])
    await Promise.all([out.close(), second.close()])
  })

  it('is a result without a record that cannot be written, while the others are', async () => {
    const running = await start(
      (s) =>
        s
          .stream<string>('in')
          .process<string, string>((context) => {
            context.schedule('1h', 'stream-time', () => {
              for (const text of ['a', 'x'.repeat(2_000_000), 'b']) context.forward('k', text)
            })
            return (text) => context.forward('k', text)
          })
          .to('out'),
      { onError: { production: { deadLetter: 'aside' } } },
    )
    const out = take<string>(kafka, 'out')
    await kafka.produce('in', 'first', { key: 'k', timestamp: 1 })
    await kafka.produce('in', 'last', { key: 'k', timestamp: 2 })
    expect(await out.next(4)).toEqual(['first', 'a', 'b', 'last'])
    const [letter] = await letters(1)
    expect([letter?.rawKey, letter?.rawValue, Object.keys(letter?.headers ?? {})]).toEqual([null, null, ['error']])
    expect([await countOf('out'), await countOf('aside'), running.state]).toEqual([4, 1, 'running'])
    await out.close()
  })

  it('is put aside in the transaction of its record, so once however often a member is replaced', async () => {
    let failuresLeft = 2
    const errors: unknown[] = []
    const running = await start(
      (s) =>
        s
          .stream<string>('in')
          .mapValues((id) => {
            if (id === 'bad') throw new Error('bad luck')
            if (id === 'end' && failuresLeft-- > 0) throw new Error('not yet')
            return id
          })
          .to('out'),
      {
        commitInterval: 60_000,
        ...(guarantee === 'exactly-once' ? { producer: { transactionTimeout: '2m' } } : {}),
        onError: {
          processing: ({ cause }) => ((cause as Error).message === 'bad luck' ? 'deadLetter' : 'fail'),
        },
        deadLetterTopic: 'aside',
        onUncaughtError: (error) => {
          errors.push(error)
          return 'replace'
        },
      },
    )
    await Promise.all(['first', 'bad', 'last'].map((id) => kafka.produce('in', id, { key: 'k' })))
    await kafka.produce('in', 'end', { key: 'k' })
    await until(() => errors.length === 2 && running.state === 'running')
    await until(async () => (await running.tasks())[0]?.processed === 4)
    await running.close()
    const counts = [await countOf('aside'), await countOf('out')]
    if (guarantee === 'exactly-once') expect(counts).toEqual([1, 3])
    else expect(counts[0]).toBeGreaterThanOrEqual(1)
  })

  it('ends the application with both errors where its topic refuses it', async () => {
    await kafka.admin.createTopic('small', { partitions: 1, config: { 'max.message.bytes': '300' } })
    const running = await start(
      (s) =>
        s
          .stream<string>('in')
          .map((text, key) => {
            if (text.startsWith('x')) throw new Error('bad luck')
            return keyValue(key, text)
          })
          .to('out'),
      { onError: { processing: { deadLetter: 'small' } } },
    )
    const failure = new Promise<KafkaError>((resolve) =>
      running.on('error', ({ error }) => resolve(error as KafkaError)),
    )
    await kafka.produce('in', 'x'.repeat(1000), { key: 'k' })
    const error = await failure
    expect(error).toMatchObject({ code: 'DEAD_LETTER_REFUSED', retriable: false, outcome: 'failed' })
    expect(error.message).toMatch(/^task 0_0: .*bad luck; and the record cannot be put aside in topic 'small': /)
  })
})
