import { defineTopic } from '@kafkado/core'
import {
  hoppingWindow,
  sessionWindow,
  slidingWindow,
  type Startable,
  type Stream,
  type StreamsBuilder,
  type Table,
  tumblingWindow,
  unlimitedWindow,
  type Window,
  type WindowedTable,
} from '@kafkado/streams'
import { buildTopology } from '../streams-oracle/build-topology.ts'
import { failingTopologies } from './operations/failing-topologies.ts'
import { headerTopologies } from './operations/header-topologies.ts'
import { namedTableTopologies } from './operations/named-table-topologies.ts'
import { outputTopologies } from './operations/output-topologies.ts'
import { operatorTopologies } from './operator-topologies.ts'
import { processorTopologies } from './processor-topologies.ts'
import type { VectorParams, VectorWindow } from './vector.ts'

const text = { key: 'string', value: 'string' } as const
const input = defineTopic('input', text)
const left = defineTopic('left', text)
const right = defineTopic('right', text)

const initial = '0'
const add = (aggregate: string, value: string): string | null => (value === 'DEL' ? null : `${aggregate}+${value}`)
const subtract = (aggregate: string, value: string): string => `${aggregate}-${value}`
const merge = (one: string, other: string): string => `(${one}|${other})`
const joined = (one: string | null, other: string | null): string => `${one}+${other}`
/** What stands behind the bar names another row. */
const named = (value: string): string | null => {
  const key = value.includes('|') ? value.slice(value.indexOf('|') + 1) : null
  return key === 'NULL' ? null : key
}
const asText = { value: 'string' } as const

/** Tables of which Kafka Streams knows more or less, for what a filter says of rows that it leaves out. */
const tablesToFilter: Readonly<Record<string, (s: StreamsBuilder) => Table<string, string>>> = {
  table: (s) => s.table(input),
  named: (s) => s.table(input, { name: 'named' }),
  toTable: (s) => s.stream(input).toTable(asText),
  toTableNamed: (s) => s.stream(input).toTable({ ...asText, name: 'named' }),
  reduce: (s) =>
    s
      .stream(input)
      .groupByKey({ value: 'string' })
      .reduce((_one, other) => other),
  mapped: (s) => s.table(input).mapValues((value) => value),
  join: (s) => s.table(input).outerJoin(s.table(right), (one) => one ?? 'n'),
  fk: (s) =>
    s.table(input).leftJoin(s.table(right), { on: { left: (value) => value, right: () => null } }, (one) => one),
}

/** What else is done with a table, or with what its first filter leaves, before or behind it. */
const usesOfFiltered: Readonly<
  Record<string, (table: Table<string, string>, filtered: Table<string, string>, s: StreamsBuilder) => unknown>
> = {
  groupBy: (table) => table.groupBy((value) => value, { value: 'string' }).count(),
  groupByFiltered: (_table, filtered) => filtered.groupBy((value) => value, { value: 'string' }).count(),
  groupByMapped: (_table, filtered) =>
    filtered
      .mapValues((value) => value)
      .groupBy((value) => value)
      .count(),
  streamJoin: (table, _filtered, s) => s.stream('ss').join(table).to('sj'),
  streamJoinFiltered: (_table, filtered, s) => s.stream('ss').join(filtered).to('sj'),
  innerJoin: (table, _filtered, s) => table.join(s.table('tt')).to('sj'),
  innerJoinFiltered: (_table, filtered, s) => filtered.join(s.table('tt')).to('sj'),
  leftJoinFiltered: (_table, filtered, s) => filtered.leftJoin(s.table('tt')).to('sj'),
  leftJoinOther: (_table, filtered, s) => s.table('tt').leftJoin(filtered).to('sj'),
  outerJoinOther: (_table, filtered, s) => s.table('tt').outerJoin(filtered).to('sj'),
  suppress: (_table, filtered) => filtered.suppress({ timeLimit: 5 }).to('sj'),
  fkLeft: (_table, filtered, s) =>
    filtered.join(s.table('tt'), { on: { left: (value) => value, right: () => null } }).to('sj'),
  fkRight: (_table, filtered, s) =>
    s
      .table('tt')
      .join(filtered, { on: { left: (value) => value as string, right: () => null } })
      .to('sj'),
  filterAgain: (table) => table.filter((value) => value.startsWith('y')).to('raw'),
  chain: (_table, filtered) =>
    filtered
      .mapValues((value) => `${value}m`)
      .filter((value) => value.length > 2)
      .to('suppressed'),
}

/** The topology that a vector's operation stands for, writing to `output`, or `raw` and `suppressed`. */
export const topologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
  operators: (s, { operators = [] }) => buildTopology(s, operators),
  windowedAggregate(s, params) {
    const window = windowOf(params.window as VectorWindow, emissionOf(params.emit))
    const windowed = s.stream(input).groupByKey({ value: 'string' }).window(window)
    const table: WindowedTable<string, unknown> =
      params.agg === 'count'
        ? (windowed.count() as WindowedTable<string, unknown>)
        : params.agg === 'reduce'
          ? (windowed.reduce(add, undefined) as WindowedTable<string, unknown>)
          : (windowed.reduce(initial, add, { ...asText, merge }) as WindowedTable<string, unknown>)
    if (!params.suppress) return table.to('output')
    table.toStream().to('raw')
    return table.untilWindowCloses().to('suppressed')
  },
  tableGroupBy(s, params) {
    const grouped = s.table(input).groupBy((value, key) => (params.groupBy === 'value' ? value : key), {
      value: 'string',
    })
    const table =
      params.agg === 'count'
        ? (grouped.count() as Table<string, unknown>)
        : params.agg === 'reduce'
          ? (grouped.reduce(add, subtract) as Table<string, unknown>)
          : (grouped.aggregate(initial, add, subtract, asText) as Table<string, unknown>)
    const { suppress } = params
    if (typeof suppress !== 'object') return table.to('output')
    table.toStream().to('raw')
    return table.suppress(suppress).to('suppressed')
  },
  streamStreamJoin(
    s,
    { kind = 'inner', timeDifference = 0, before = timeDifference, after = timeDifference, grace = 0, self },
  ) {
    const [one, other] = self ? [s.stream(left), undefined] : [s.stream(left), s.stream(right)]
    const options = { window: { before, after }, grace }
    const two = other ?? one
    if (kind === 'left') return one.leftJoin(two, options).mapValues(joined).to('output')
    if (kind === 'outer') return one.outerJoin(two, options).mapValues(joined).to('output')
    return one.join(two, options).mapValues(joined).to('output')
  },
  tableTableJoin(s, { kind = 'inner' }) {
    const [one, other] = [s.table(left), s.table(right)]
    if (kind === 'left') return one.leftJoin(other, joined).to('output')
    if (kind === 'outer') return one.outerJoin(other, joined).to('output')
    return one.join(other, joined).to('output')
  },
  streamTableJoin(s, { kind }) {
    const [stream, table] = [s.stream(left), s.table(right)]
    const pairs = kind === 'left' ? stream.leftJoin(table) : stream.join(table)
    return pairs.mapValues(joined).to('output')
  },
  streamGlobalTableJoin(s, { kind }) {
    const [stream, table] = [s.stream(left), s.globalTable(right)]
    const options = { key: named }
    const pairs = kind === 'left' ? stream.leftJoin(table, options) : stream.join(table, options)
    return pairs.mapValues(joined).to('output')
  },
  fkJoin(s, { kind }) {
    const on = { left: named, right: () => null }
    const [one, other] = [s.table(left), s.table(right)]
    const table = kind === 'left' ? one.leftJoin(other, { on }, joined) : one.join(other, { on }, joined)
    return table.to('output')
  },
  repartition(s, { rekey }) {
    const stream = s.stream(input)
    return (rekey ? stream.selectKey((value, key) => (value.startsWith('n') ? null : key)) : stream)
      .repartition({ value: 'string' })
      .to('output')
  },
  repartitionJoin(s, { kind = 'inner', explicit, table }) {
    const rekeyed = s.stream(left).selectKey((value, key) => (value.startsWith('n') ? null : key))
    const one = (explicit ? rekeyed.repartition({ value: 'string' }) : rekeyed) as Stream<string, string>
    const options = { window: 10, grace: 0 }
    const rows = defineTopic('tt', text)
    const pairs = table
      ? kind === 'left'
        ? one.leftJoin(s.table(rows))
        : one.join(s.table(rows))
      : kind === 'left'
        ? one.leftJoin(s.stream(right) as Stream<string, string>, options)
        : kind === 'outer'
          ? (s.stream(right) as Stream<string, string>).outerJoin(one, options)
          : one.join(s.stream(right) as Stream<string, string>, options)
    return pairs.mapValues(joined).to('output')
  },
  tableFilters(s, { from = 'table', uses = [] }) {
    const table = (tablesToFilter[from] as (s: StreamsBuilder) => Table<string, string>)(s)
    let filtered: Table<string, string> | undefined
    for (const use of uses) {
      if (use === 'filter') {
        filtered = table.filter((value) => value.startsWith('y'))
        filtered.to('output')
      } else usesOfFiltered[use]?.(table, filtered as never, s)
    }
    return s
  },
  tableFilter: (s) =>
    s
      .table(input)
      .filter((value) => value.startsWith('y'))
      .to('output'),
  ...operatorTopologies,
  ...processorTopologies,
  ...failingTopologies,
  ...headerTopologies,
  ...namedTableTopologies,
  ...outputTopologies,
  tableToStream: (s) => s.table(input).to('output'),
  toTable: (s) => s.stream(input).toTable({ value: 'string' }).to('output'),
  aggregate(s, { agg }) {
    const grouped = s.stream(input).groupByKey({ value: 'string' })
    if (agg === 'count') return grouped.count().to('output')
    return agg === 'reduce' ? grouped.reduce(add).to('output') : grouped.aggregate(initial, add, asText).to('output')
  },
  cogroup(s, { window, emit }) {
    const [one, other] = [s.stream(left).groupByKey(), s.stream(right).groupByKey()]
    const both = one
      .cogroup<string>((aggregate, value) => `${aggregate}+L${value}`)
      .cogroup(other, (aggregate, value) => `${aggregate}+R${value}`)
    if (!window) return both.aggregate(initial, asText).to('output')
    return both.windowAggregate(windowOf(window, emissionOf(emit)), initial, { ...asText, merge }).to('output')
  },
}

function emissionOf(emit: VectorParams['emit']): 'updates' | 'final' {
  return emit === 'onWindowClose' ? 'final' : 'updates'
}

function windowOf(window: VectorWindow, emit: 'updates' | 'final'): Window {
  const options = { grace: window.grace ?? 0, emit }
  switch (window.type) {
    case 'tumbling':
      return tumblingWindow(window.size as number, options)
    case 'hopping':
      return hoppingWindow(window.size as number, window.advance as number, options)
    case 'sliding':
      return slidingWindow(window.timeDifference as number, options)
    case 'session':
      return sessionWindow(window.gap as number, options)
    case 'unlimited':
      return unlimitedWindow(window.start)
  }
}
