import { type StreamsBuilder, type SuppressOptions, tumblingWindow } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { KafkaClient } from 'kafkado'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'

const suppressed =
  (options: SuppressOptions) =>
  (s: StreamsBuilder): unknown =>
    s.table<string>('in').suppress(options).to('out')
const outOf = (driver: TopologyTestDriver) =>
  driver.read('out').map(({ key, value }) => `${String(key)}=${String(value)}`)

/** The serialised size of a key and a value: `a` and `"x"`. */
const bytesOf = (key: string, value: string | null): number => key.length + (value === null ? 0 : value.length + 2)

describe('suppress', () => {
  it('hands on what was held longest when there are more bytes than it may hold, and counts anew what changes', () => {
    const driver = new TopologyTestDriver(suppressed({ maxBytes: 20 }))
    driver.pipe('in', 'xxxxx', { key: 'a' })
    driver.pipe('in', 'xxxxx', { key: 'b' })
    expect(outOf(driver)).toEqual([])
    driver.pipe('in', 'x', { key: 'a' })
    driver.pipe('in', 'xxxxx', { key: 'c' })
    expect(outOf(driver)).toEqual([])
    driver.pipe('in', 'xxxxxxxxxxxxx', { key: 'c' })
    expect(outOf(driver)).toEqual(['a=x', 'b=xxxxx'])
  })

  it('holds no more than it may, and as much as it can, after a restart as well', () => {
    const changes = fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        value: fc.option(fc.string({ maxLength: 8, unit: fc.constantFrom('x', 'y') })),
        isRestarted: fc.boolean(),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(
        changes,
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 5 }),
        (given, maxBytes, maxRecords) => {
          const driver = new TopologyTestDriver(suppressed({ maxBytes, maxRecords }))
          const held = new Map<string, string | null>()
          const sizeOf = () => [...held].reduce((sum, [key, value]) => sum + bytesOf(key, value), 0)
          for (const [index, { key, value, isRestarted }] of given.entries()) {
            driver.pipe('in', value, { key, timestamp: index })
            held.set(key, value)
            const expected: string[] = []
            while (sizeOf() > maxBytes || held.size > maxRecords) {
              const [first] = held
              expected.push(`${String(first?.[0])}=${String(first?.[1])}`)
              held.delete(first?.[0] ?? '')
            }
            expect(outOf(driver)).toEqual(expected)
            if (isRestarted) driver.restart()
          }
        },
      ),
    )
  })

  it.each<[string, SuppressOptions, RegExp]>([
    [
      'records',
      { timeLimit: '1h', maxRecords: 2, whenFull: 'shut-down' },
      /holds back 3 keys, more than maxRecords: 2/,
    ],
    ['bytes', { timeLimit: '1h', maxBytes: 12, whenFull: 'shut-down' }, /holds back 18 bytes, more than maxBytes: 12/],
  ])('shuts down when it was told to and there are too many %s', (_name, options, message) => {
    const driver = new TopologyTestDriver(suppressed({ name: 'held', ...options }))
    driver.pipe('in', 'xxx', { key: 'a' })
    driver.pipe('in', 'xxx', { key: 'b' })
    expect(() => driver.pipe('in', 'xxx', { key: 'c' })).toThrow(message)
    expect(() => driver.pipe('in', 'xxx', { key: 'd' })).toThrow(
      expect.objectContaining({ code: 'BUFFER_FULL', retriable: false, outcome: 'failed' }) as Error,
    )
    expect(outOf(driver)).toEqual([])
  })

  it('hands on what is due before it looks whether it is full', () => {
    const driver = new TopologyTestDriver(suppressed({ timeLimit: 10, maxRecords: 1, whenFull: 'shut-down' }))
    driver.pipe('in', 'x', { key: 'a', timestamp: 0 })
    driver.pipe('in', 'x', { key: 'b', timestamp: 10 })
    expect(outOf(driver)).toEqual(['a=x'])
  })

  it('of windows never hands on early', () => {
    const driver = new TopologyTestDriver((s) =>
      s
        .stream('in')
        .groupByKey()
        .window(tumblingWindow(10, { grace: 0 }))
        .count()
        .untilWindowCloses({ maxRecords: 1, name: 'open' })
        .to('out'),
    )
    driver.pipe('in', 1, { key: 'a', timestamp: 0 })
    driver.pipe('in', 1, { key: 'b', timestamp: 10 })
    expect(driver.read('out')).toHaveLength(1)
    expect(() => driver.pipe('in', 1, { key: 'c', timestamp: 11 })).toThrow(/suppress 'open' is full/)
  })

  it.each<[SuppressOptions, RegExp]>([
    [{}, /nothing would ever be handed on/],
    [{ maxRecords: 1, whenFull: 'shut-down' }, /nothing would ever be handed on/],
    [{ maxRecords: -1 }, /maxRecords must be a whole number from 0 up, got -1/],
    [{ maxBytes: 1.5 }, /maxBytes must be a whole number from 0 up, got 1.5/],
    [{ timeLimit: 1, whenFull: 'emit' as never }, /whenFull must be 'emit-early' or 'shut-down', got 'emit'/],
  ])('refuses %j', (options, message) => {
    expect(() => new TopologyTestDriver(suppressed(options))).toThrow(message)
  })
})

describe.each(Object.entries(places))('a suppression that is full, %s', (_, place) => {
  it("ends the application, also with onError: 'skip'", async () => {
    const { kafka, transport, close } = await place()
    const s = new KafkaClient(transport).streams({ application: 'full', onError: 'skip' })
    suppressed({ timeLimit: '1h', maxRecords: 1, whenFull: 'shut-down' })(s)
    const app = await s.start()
    const failure = new Promise<unknown>((resolve) => app.on('error', ({ error }) => resolve(error)))
    await kafka.produce('in', 'x', { key: 'a' })
    await kafka.produce('in', 'x', { key: 'b' })
    expect(await failure).toMatchObject({ code: 'BUFFER_FULL', retriable: false, outcome: 'failed' })
    expect(app.state).toBe('failed')
    await close()
  })
})
