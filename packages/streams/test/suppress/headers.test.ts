import type { Header } from '@kafkado/core'
import { type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'

const set: Header[] = [
  ['by', 'processor'],
  ['raw', new TextEncoder().encode('hi')],
  ['none', null],
]
const outOf = (driver: TopologyTestDriver) => driver.read('out').map(({ key, value, headers }) => [key, value, headers])

const limited = (s: StreamsBuilder): unknown => s.table<string>('in').suppress({ timeLimit: 10 }).to('out')
const final = (s: StreamsBuilder): unknown =>
  s
    .stream<string>('in')
    .groupByKey()
    .window(tumblingWindow(10, { grace: 0 }))
    .reduce('', (all, value) => all + value)
    .untilWindowCloses()
    .toStream()
    .selectKey((_value, { key }) => key)
    .to('out')

// As Kafka Streams 4.1 does, whose buffer keeps the context of the record.
describe.each([false, true])('headers of what suppress holds back, restarted: %s', (isRestarted) => {
  it.each([
    ['a time limit', limited, 'c'],
    ['windows', final, 'bc'],
  ] as const)('are those of the last record of the key: %s', (_what, build, last) => {
    const driver = new TopologyTestDriver(build)
    driver.pipe('in', 'b', { key: 'k', timestamp: 1, headers: { trace: 'first' } })
    driver.pipe('in', 'c', { key: 'k', timestamp: 2, headers: { trace: 'é', '': '' } })
    if (isRestarted) driver.restart()
    driver.pipe('in', 'x', { key: 'other', timestamp: 30, headers: { trace: 'other' } })
    expect(outOf(driver)).toEqual([['k', last, { trace: 'é', '': '' }]])
  })

  it('are none where the last record had none, and those that a processor has set', () => {
    const driver = new TopologyTestDriver((s) =>
      s
        .stream<string>('in')
        .processValues<string>((context) => (value) => {
          context.forward(value, value === 'set' ? { headers: set } : {})
        })
        .toTable()
        .suppress({ timeLimit: 10 })
        .to('out'),
    )
    driver.pipe('in', 'a', { key: 'k', timestamp: 1, headers: { trace: 'first' } })
    driver.pipe('in', 'b', { key: 'k', timestamp: 2 })
    driver.pipe('in', 'set', { key: 'l', timestamp: 3, headers: { trace: 'first' } })
    if (isRestarted) driver.restart()
    driver.pipe('in', 'x', { key: 'other', timestamp: 30, headers: { trace: 'other' } })
    expect(outOf(driver)).toEqual([
      ['k', 'b', {}],
      ['l', 'set', { by: 'processor', raw: 'hi', none: '' }],
    ])
  })
})
