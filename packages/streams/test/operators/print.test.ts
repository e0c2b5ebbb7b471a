import { InvalidRequestError } from '@kafkado/core'
import { createStreamsBuilder, type StreamsBuilder } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { expect, it, vi } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

interface Order {
  id: string
  amount: number
}

const builder = (): StreamsBuilder => createStreamsBuilder(noTransport)
/** Collects what `print` writes. */
const lined = (): { lines: string[]; write: (line: string) => void } => {
  const lines: string[] = []
  return { lines, write: (line) => lines.push(line) }
}

it('print writes a line for each record, named after the operator that the records come from', () => {
  const { lines, write } = lined()
  const s = builder()
  const orders = s.stream<Order>('orders')
  orders.print({ write })
  const amounts = orders.mapValues((o) => o.amount)
  amounts.print({ write, name: 'look' })
  const named = amounts.filter((amount) => amount > 1, { name: 'big' })
  const driver = new TopologyTestDriver(named.print({ write }))
  driver.pipe('orders', { key: 'k', value: { id: '1', amount: 1 } })
  driver.pipe('orders', { value: { id: '2', amount: 2 } })
  expect(lines).toEqual([
    '[source orders]: k, {"id":"1","amount":1}',
    '[mapValues]: k, 1',
    '[source orders]: null, {"id":"2","amount":2}',
    '[mapValues]: null, 2',
    '[big]: null, 2',
  ])
})

it('print takes another label and another text, which may ask for the record', () => {
  const { lines, write } = lined()
  const topology = builder()
    .stream<Order>('orders')
    .print({ label: 'seen', map: (o, key, { topic, offset }) => `${key} ${o.id} ${topic} ${offset}`, write })
  const driver = new TopologyTestDriver(topology)
  driver.pipe('orders', { key: 'k', value: { id: '1', amount: 1 } })
  driver.pipe('orders', { key: 'l', value: { id: '2', amount: 1 } })
  expect(lines).toEqual(['[seen]: k 1 orders 0', '[seen]: l 2 orders 1'])
})

it('the label is the name that the operator has in the end', () => {
  const { lines, write } = lined()
  const s = builder()
  const doubled = s.stream<number>('in').mapValues((n) => n * 2)
  doubled.print({ write })
  // A default name yields to the same name given by a user.
  const topology = doubled.filter(() => true, { name: 'mapValues' }).to('out')
  new TopologyTestDriver(topology).pipe('in', { key: 'k', value: 2 })
  expect(lines).toEqual(['[mapValues 2]: k, 4'])
})

it('print shows any value without failing', () => {
  const { lines, write } = lined()
  const itself: { self?: unknown } = {}
  itself.self = itself
  const shown = [null, undefined, 5n, 'a, b', { n: 5n }, [1, 'x'], new Date(0), itself, Object.create(null)]
  const topology = builder()
    .stream<number>('in')
    .mapValues((at) => shown[at])
    .print({ label: 'in', write })
  const driver = new TopologyTestDriver(topology)
  for (const at of shown.keys()) driver.pipe('in', { value: at })
  expect(lines.map((line) => line.replace('[in]: null, ', ''))).toEqual([
    'null',
    'undefined',
    '5',
    'a, b',
    '{"n":"5"}',
    '[1,"x"]',
    '"1970-01-01T00:00:00.000Z"',
    '[object Object]',
    '{}',
  ])
})

it('print of a join shows both values', () => {
  const { lines, write } = lined()
  const s = builder()
  const joined = s
    .stream<number>('left')
    .leftJoin(s.stream<number>('right'), { window: { before: '0s', after: '1s' } })
    .filter(() => true)
  joined.print({ write })
  const topology = joined.print({ label: 'sum', map: (l, r, key) => `${key}: ${l + (r ?? 0)}`, write })
  const driver = new TopologyTestDriver(topology)
  driver.pipe('left', { key: 'k', value: 1, timestamp: 10 })
  driver.pipe('right', { key: 'k', value: 2, timestamp: 10 })
  expect(lines).toEqual(['[filter]: k, {"left":1,"right":2}', '[sum]: k: 3'])
})

it('print writes to the console by default', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    const topology = builder().stream<number>('in').print({ label: 'in' })
    new TopologyTestDriver(topology).pipe('in', { key: 'k', value: 7 })
    expect(log.mock.calls).toEqual([['[in]: k, 7']])
  } finally {
    log.mockRestore()
  }
})

it('print refuses wrong options at once, and promises when they come', () => {
  const s = builder()
  const stream = s.stream<number>('in')
  const joined = stream.join(s.stream<number>('other'), { window: '1m' })
  for (const wrong of [{ label: 1 }, { map: 'text' }, { write: 'console' }, { name: 1 }]) {
    const [option] = Object.keys(wrong)
    for (const print of [() => stream.print(wrong as object), () => joined.print(wrong as object)]) {
      expect(print).toThrow(InvalidRequestError)
      expect(print).toThrow(`print configuration: ${option} must be`)
    }
  }
  const later = (() => Promise.resolve('later')) as unknown as () => string
  for (const options of [{ map: later }, { write: later }]) {
    const driver = new TopologyTestDriver(builder().stream('in').print(options))
    expect(() => driver.pipe('in', { value: 1 })).toThrow(/print: the function returned a Promise/)
  }
})
