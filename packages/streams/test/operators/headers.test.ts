import { defineTopic, json, type KafkaRecord, type Serde } from '@kafkado/core'
import { createStreamsBuilder, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { createStores, InternalNames, type Subtopology, Task } from '@kafkado/streams/internal'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

const outOf = (driver: TopologyTestDriver) => driver.read('out').map(({ value, headers }) => [value, headers])

/** Topologies whose results are of the record of `left` that comes last; `right` gives it what it needs. */
const topologies: Readonly<Record<string, (s: StreamsBuilder) => unknown>> = {
  'an aggregation': (s) =>
    s
      .stream<string>('left')
      .groupByKey()
      .reduce((_before, value) => value)
      .to('out'),
  'a window': (s) =>
    s
      .stream<string>('left')
      .groupByKey()
      .window(tumblingWindow(100, { grace: 0 }))
      .reduce((_before, value) => value)
      .toStream()
      .selectKey((_value, { key }) => key)
      .to('out'),
  'a join of streams': (s) =>
    s
      .stream<string>('left')
      .join(s.stream<string>('right'), { window: 10 })
      .mapValues((left) => left)
      .to('out'),
  'a join with a table': (s) =>
    s
      .stream<string>('left')
      .join(s.table<string>('right'))
      .mapValues((left) => left)
      .to('out'),
  'a join of tables': (s) =>
    s
      .table<string>('left')
      .join(s.table<string>('right'), (left) => left)
      .to('out'),
  'a join by foreign key': (s) =>
    s
      .table<string>('left')
      .join(s.table<string>('right'), { on: { left: () => 'k', right: () => null } }, (left) => left)
      .to('out'),
  'a regrouping': (s) =>
    s
      .table<string>('left')
      .groupBy(() => 'g')
      .reduce(
        (_before, value) => value,
        (before) => before,
      )
      .to('out'),
}

// As Kafka Streams does; see also tests/streams-oracle.
describe.each(Object.entries(topologies))('headers behind %s', (_what, build) => {
  it('are those of the record that makes the result', () => {
    const driver = new TopologyTestDriver(build)
    if (build.toString().includes('right'))
      driver.pipe('right', 'r', { key: 'k', timestamp: 1, headers: { trace: 'right' } })
    driver.pipe('left', 'a', { key: 'k', timestamp: 2, headers: { trace: 'left' } })
    expect(outOf(driver)).toEqual([['a', { trace: 'left' }]])
  })
})

describe.each([false, true])('a join with a grace, restarted: %s', (isRestarted) => {
  it('keeps the headers of each record that waits, and of none other', () => {
    const driver = new TopologyTestDriver((s) =>
      s
        .stream<string>('left')
        .leftJoin(s.table<string>('right'), { grace: 10 })
        .mapValues((left) => left)
        .to('out'),
    )
    driver.pipe('left', 'a', { key: 'k', timestamp: 1, headers: { trace: 'é', '': '' } })
    driver.pipe('left', 'b', { key: 'k', timestamp: 2 })
    if (isRestarted) driver.restart()
    driver.pipe('left', 'c', { key: 'other', timestamp: 30, headers: { trace: 'other' } })
    // It is too late to wait.
    driver.pipe('left', 'd', { key: 'k', timestamp: 3, headers: { trace: 'late' } })
    expect(outOf(driver)).toEqual([
      ['a', { trace: 'é', '': '' }],
      ['b', {}],
      ['d', { trace: 'late' }],
    ])
  })
})

describe('rows of plain data without headers', () => {
  it.each<[string, (s: StreamsBuilder, rows: ReturnType<typeof countedRows>['topic']) => unknown]>([
    ['suppress', (s, rows) => s.table(rows).suppress({ timeLimit: 10 }).to('out')],
    ['a join with a grace', (s, rows) => s.stream(rows).leftJoin(s.table('right'), { grace: 10 }).to('out')],
  ])('wait without being serialised: %s', (_what, build) => {
    const { topic, written } = countedRows()
    const s = createStreamsBuilder(noTransport)
    build(s, topic)
    const subtopology = s.topology().subtopologies[0] as Subtopology
    const stores = createStores(subtopology.stores)
    const task = new Task({
      subtopology,
      partition: 0,
      names: new InternalNames('test'),
      stores,
      send: () => undefined,
      onError(_kind, error) {
        throw error
      },
      clock: { now: () => 0, monotonic: () => 0 },
    })
    for (let id = 0; id < 3; id++) {
      const record = { topic: 'rows', partition: 0, offset: id, timestamp: id, key: 'k', value: { id } }
      task.add('rows', [record as KafkaRecord<unknown, unknown>])
      task.process(1, () => true)
    }
    expect(written()).toBe(0)
    for (const store of stores.values()) store.takeChanges()
    expect(written()).toBeGreaterThan(0)
  })

  /** A topic, and how often its values were serialised. */
  function countedRows() {
    let count = 0
    const rows: Serde<{ id: number }> = json()
    const value: Serde<{ id: number }> = {
      deserialize: (bytes, context) => rows.deserialize(bytes, context),
      serialize: (row, context) => {
        count++
        return rows.serialize(row, context)
      },
    }
    return { topic: defineTopic('rows', { key: 'string', value }), written: () => count }
  }
})
