import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { take } from '../take.ts'

describe('headers that a processor sets', () => {
  it('are those of what it hands on, in what follows and in what is written, and of nothing else', () => {
    const seen: unknown[] = []
    const driver = new TopologyTestDriver((s) => {
      const input = s.stream<string>('input')
      input
        .process<string | null, string>((context) => (value, key) => {
          context.forward(key, `${value} set`, { headers: { ...context.record.headers, step: 'one' } })
          seen.push(['after', context.record.headers])
          context.forward(key, `${value} plain`)
          context.forward(key, `${value} none`, { headers: {} })
        })
        .peek((value, _key, record) => seen.push([value, record.headers]))
        .processValues<string>((context) => (value) => {
          context.forward(`${value} bytes`, {
            headers: [
              ['raw', new Uint8Array([104, 105])],
              ['none', null],
            ],
          })
        })
        .to('output')
      input.to('beside')
    })
    driver.pipe('input', 'a', { headers: { from: 'x' } })
    expect(seen).toEqual([
      ['a set', { from: 'x', step: 'one' }],
      ['after', { from: 'x' }],
      ['a plain', { from: 'x' }],
      ['a none', {}],
    ])
    const written = driver.read('output').map(({ value, headers }) => [value, headers])
    expect(written).toEqual(
      ['a set bytes', 'a plain bytes', 'a none bytes'].map((value) => [value, { raw: 'hi', none: '' }]),
    )
    expect(driver.read('beside')).toMatchObject([{ value: 'a', headers: { from: 'x' } }])
  })

  it('stay with a record that waits in an asynchronous operator', async () => {
    const driver = new TopologyTestDriver((s) =>
      s
        .stream<string>('input')
        .process<string | null, string>(
          (context) => (value, key) => context.forward(key, value, { headers: { of: value } }),
        )
        .mapAsync((value, _key, record) => Promise.resolve(`${value} ${record.headers['of']}`))
        .to('output'),
    )
    driver.pipe('input', 'a', { headers: { from: 'x' } })
    driver.pipe('input', 'b')
    await driver.settle()
    const written = driver.read('output').map(({ value, headers }) => [value, headers])
    expect(written).toEqual([
      ['a a', { of: 'a' }],
      ['b b', { of: 'b' }],
    ])
  })

  it('can be set where no record is in hand', () => {
    const driver = new TopologyTestDriver((s) =>
      s
        .stream<string>('input')
        .process<string | null, string>((context) => {
          context.schedule(10, 'wall-clock', () => {
            context.forward(null, 'ticked', { headers: { by: 'clock' } })
            context.forward(null, 'ticked again')
          })
          return () => undefined
        })
        .to('output'),
    )
    driver.pipe('input', 'a', { headers: { from: 'x' } })
    driver.advance(10)
    expect(driver.read('output').map(({ value, headers }) => [value, headers])).toEqual([
      ['ticked', { by: 'clock' }],
      ['ticked again', {}],
    ])
  })

  it('are refused where they cannot be written', () => {
    const driver = new TopologyTestDriver((s) =>
      s
        .stream<string>('input')
        .process<string | null, string>(
          (context) => (value, key) => context.forward(key, value, { headers: { count: 1 as never } }),
        )
        .to('output'),
    )
    expect(() => driver.pipe('input', 'a')).toThrow(/the header 'count' must be a string, bytes/)
    expect(driver.read('output')).toEqual([])
  })
})

describe.each(Object.entries(places))('headers that a processor sets, %s', (_, place) => {
  it('are written by a running application, whatever its guarantee', async () => {
    const { kafka, close } = await place()
    for (const guarantee of ['at-least-once', 'exactly-once'] as const) {
      const app = await kafka
        .stream<string>('input')
        .process<string | null, string>(
          (context) => (value, key) => context.forward(key, value, { headers: { by: guarantee } }),
        )
        .to(`output-${guarantee}`)
        .start({ application: guarantee, guarantee })
      await kafka.produce('input', 'a', { headers: { from: 'x' } })
      const values = take<string>(kafka, `output-${guarantee}`)
      expect((await values.records(1))[0]?.headers).toEqual({ by: guarantee })
      await values.close()
      await app.close()
    }
    await close()
  })
})
