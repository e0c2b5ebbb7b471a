import { keyValue, type OperatorContext, type RecordContext, type Stream } from '@kafkado/streams'
import { expect } from 'vitest'

/** A stream of anything. */
export type Values = Stream<unknown, unknown>

/** Is called with the time that an operator is told. */
type Seen = (timestamp: number) => void

/** A stream with the operator, which notes the time of each record that it is given. */
export const operatorsOfStreams: Readonly<Record<string, (stream: Values, seen: Seen) => Values>> = {
  peek: (stream, seen) => stream.peek(telling(seen, () => undefined)),
  filter: (stream, seen) => stream.filter(telling(seen, () => true)),
  filterNot: (stream, seen) => stream.filterNot(telling(seen, () => false)),
  map: (stream, seen) => stream.map(telling(seen, (value) => keyValue('k' as unknown, value))),
  mapValues: (stream, seen) => stream.mapValues(telling(seen, (value) => value)),
  selectKey: (stream, seen) => stream.selectKey(telling(seen, (): unknown => 'k')),
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
  split: (stream, seen) => stream.split({ all: telling(seen, () => true) }).all,
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
    stream.forEach(telling(seen, () => undefined))
    return stream
  },
  print: (stream, seen) => {
    stream.print({ map: telling(seen, () => ''), write: () => undefined })
    return stream
  },
  branch: (stream, seen) => {
    stream.branch([[telling(seen, () => true), 'first']])
    return stream
  },
  to: (stream, seen) => {
    stream.to(telling(seen, () => 'chosen'))
    return stream
  },
  groupBy: (stream, seen) => {
    stream.groupBy(telling(seen, () => 'group')).count()
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

/** A function of an operator that tells the time which it is given, and then makes something of the value. */
function telling<R>(
  seen: Seen,
  make: (value: unknown) => R,
): (value: unknown, key: unknown, record: RecordContext) => R {
  return (value, _key, { timestamp }) => {
    seen(timestamp)
    return make(value)
  }
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
