import { InvalidRequestError } from '@kafkado/core'
import type { Processor, StreamsBuilder } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'

const handOn: Processor<string | null, string, string | null, string> = (context) => (value, key) =>
  context.forward(key, value)

describe('a topology that is built by hand', () => {
  it('runs together with streams, of which either may follow the other', () => {
    const driver = new TopologyTestDriver((s) => {
      const loud = s.stream<string>('stream').mapValues((value) => value.toUpperCase())
      const source = s.addSource<string>('source', 'plain')
      const both = s.addProcessor('both', handOn, { parents: [loud, source, source] })
      s.addSink('sink', 'output', { parents: [both, source] })
    })
    driver.pipe('stream', 'a')
    driver.pipe('plain', 'b')
    expect(driver.read('output').map(({ value }) => value)).toEqual(['A', 'b', 'b'])
  })

  it('is described by its names', () => {
    const driver = (s: StreamsBuilder): StreamsBuilder => {
      const source = s.addSource<string>('all orders', 'orders')
      s.addSink('to the shelf', 'shelf', { parents: s.addProcessor('price', handOn, { parents: source }) })
      return s
    }
    const texts: string[] = []
    new TopologyTestDriver((s) => texts.push(driver(s).describe().text))
    for (const name of ['all orders', 'price', 'to the shelf']) expect(texts[0]).toContain(name)
  })

  it.each<[string, (s: StreamsBuilder) => unknown, RegExp]>([
    [
      'two nodes of a name',
      (s) => {
        const source = s.addSource<string>('in', 'input')
        s.addProcessor('in', handOn, { parents: source })
      },
      /there are two operators named 'in'/,
    ],
    ['a node without a name', (s) => s.addSource('', 'input'), /must be a string that is not empty/],
    ['no parents', (s) => s.addProcessor('alone', handOn, { parents: [] }), /'alone' has no parents/],
    [
      'a sink without parents',
      (s) => s.addSink<string, string>('out', 'output', { parents: [] }),
      /'out' has no parents/,
    ],
  ])('is refused with %s', (_, build, message) => {
    const built = (): unknown => new TopologyTestDriver((s) => build(s))
    expect(built).toThrow(InvalidRequestError)
    expect(built).toThrow(message)
  })

  it('names what follows where a record is handed to a node that does not', () => {
    const driver = new TopologyTestDriver((s) => {
      const first = s.addProcessor<string | null, string>(
        'first',
        (context) => (value, key) => context.forward(key, value, { to: value }),
        { parents: s.addSource('in', 'input') },
      )
      const next = s.addProcessor('next', handOn, { parents: first })
      s.addSink('out', 'output', { parents: [first, next] })
    })
    driver.pipe('input', 'out')
    driver.pipe('input', 'next')
    expect(driver.read('output')).toHaveLength(2)
    expect(() => driver.pipe('input', 'elsewhere')).toThrow(
      "'first' has nothing behind it that is named 'elsewhere', only 'next', 'out'",
    )
  })
})
