import { defineTopic } from '@kafkado/core'
import {
  hoppingWindow,
  sessionWindow,
  slidingWindow,
  type Startable,
  type StreamsBuilder,
  type Table,
  tumblingWindow,
  unlimitedWindow,
  type Window,
  type WindowedTable,
} from '@kafkado/streams'
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

/** The topology that a vector's operation stands for, writing to `output`, or `raw` and `suppressed`. */
export const topologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
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
  tableFilter: (s) =>
    s
      .table(input)
      .filter((value) => value.startsWith('y'))
      .to('output'),
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
