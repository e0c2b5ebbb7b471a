import { keyValue, type OperatorContext, type RecordContext, type Stream } from '@kafkado/streams'
import { expect } from 'vitest'

/** A stream of anything. */
export type Values = Stream<unknown, unknown>

/** Is called with the time that an operator is told. */
type Seen = (timestamp: number) => void

/** A stream with the operator, which notes the time of each record that it is given. */
export const operatorsOfStreams: Readonly<Record<string, (stream: Values, seen: Seen) => Values>> = {
  peek: (stream, seen) => stream.peek((_value, _key, { timestamp }) => seen(timestamp)),
  filter: (stream, seen) =>
    stream.filter((_value, _key, { timestamp }) => {
      seen(timestamp)
      return true
    }),
  filterNot: (stream, seen) =>
    stream.filterNot((_value, _key, { timestamp }) => {
      seen(timestamp)
      return false
    }),
  map: (stream, seen) =>
    stream.map((value, _key, { timestamp }) => {
      seen(timestamp)
      return keyValue('k' as unknown, value)
    }),
  mapValues: (stream, seen) =>
    stream.mapValues((value, _key, { timestamp }) => {
      seen(timestamp)
      return value
    }),
  selectKey: (stream, seen) =>
    stream.selectKey((_value, _key, { timestamp }) => {
      seen(timestamp)
      return 'k' as unknown
    }),
  flatMap: (stream, seen) =>
    stream.flatMap(function* (value, _key, record) {
      seen(record.timestamp)
      yield value
      // The following operators have run meanwhile.
      expect(record.timestamp).toBe(times(seen).at(-1))
    }),
  flatMapValues: (stream, seen) =>
    stream.flatMapValues(function* (value, _key, record) {
      seen(record.timestamp)
      yield value
      expect(record.timestamp).toBe(times(seen).at(-1))
    }),
  split: (stream, seen) =>
    stream.split({
      all: (_value, _key, { timestamp }) => {
        seen(timestamp)
        return true
      },
    }).all,
  process: (stream, seen) =>
    stream.process<unknown, unknown>(
      (context) => (value, key) => keeping(context, seen, () => context.forward(key, value)),
      { stores: { seen: {} } },
    ),
  processValues: (stream, seen) =>
    stream.processValues<unknown>((context) => (value) => keeping(context, seen, () => context.forward(value)), {
      stores: { seen: {} },
    }),
  forEach: (stream, seen) => {
    stream.forEach((_value, _key, { timestamp }) => seen(timestamp))
    return stream
  },
  print: (stream, seen) => {
    const map = (_value: unknown, _key: unknown, { timestamp }: RecordContext): string => {
      seen(timestamp)
      return ''
    }
    stream.print({ map, write: () => undefined })
    return stream
  },
  branch: (stream, seen) => {
    const isFirst = (_value: unknown, _key: unknown, { timestamp }: RecordContext): boolean => {
      seen(timestamp)
      return true
    }
    stream.branch([[isFirst, 'first']])
    return stream
  },
  to: (stream, seen) => {
    stream.to((_value, _key, { timestamp }) => {
      seen(timestamp)
      return 'chosen'
    })
    return stream
  },
  groupBy: (stream, seen) => {
    stream
      .groupBy((_value, _key, { timestamp }) => {
        seen(timestamp)
        return 'group'
      })
      .count()
    return stream
  },
}

/** The same of tables. */
export const operatorsOfTables: typeof operatorsOfStreams = {
  transformValues: (stream, seen) =>
    stream
      .toTable()
      .transformValues<unknown>(
        (context) => (value) => {
          keeping(context, seen, () => undefined)
          return value
        },
        { stores: { seen: {} } },
      )
      .toStream() as Values,
}

const noFunction = 'it calls no function with a record'
const noRecord = 'its functions are given keys and values alone'

/** Operators that are told no time, with the reason. */
export const untold: Readonly<Record<'stream' | 'table', Readonly<Record<string, string>>>> = {
  stream: {
    groupByKey: noFunction,
    join: noRecord,
    leftJoin: noRecord,
    mapAsync: 'it has a test of its own',
    merge: noFunction,
    outerJoin: noRecord,
    repartition: noFunction,
    through: noFunction,
    toTable: noFunction,
    window: noFunction,
  },
  table: {
    filter: noRecord,
    filterNot: noRecord,
    forEach: noRecord,
    groupBy: noRecord,
    join: noRecord,
    leftJoin: noRecord,
    mapValues: noRecord,
    outerJoin: noRecord,
    suppress: noFunction,
    to: 'it is the one of streams',
    toStream: noFunction,
    untilWindowCloses: noFunction,
  },
}

/** Forwards, and stores how often. */
function keeping(context: OperatorContext, seen: Seen, handOn: () => void): void {
  seen(context.record.timestamp)
  handOn()
  // The following operators have run meanwhile.
  expect(context.record.timestamp).toBe(times(seen).at(-1))
  context.store<string, number>('seen').put('k', times(seen).length)
}

const collected = new WeakMap<Seen, number[]>()

/** What a {@link collector} has seen. */
export function times(seen: Seen): number[] {
  return collected.get(seen) ?? []
}

/** Keeps the times that it is called with, for {@link times}. */
export function collector(): Seen {
  const list: number[] = []
  const seen: Seen = (timestamp) => void list.push(timestamp)
  collected.set(seen, list)
  return seen
}
