import { hoppingWindow, sessionWindow, slidingWindow, tumblingWindow } from '@kafkado/streams'
import { memory } from '@kafkado/broker'
import { InvalidRequestError } from '@kafkado/core'
import { KafkaClient } from 'kafkado'
import { expect, it } from 'vitest'
import { type Any, type ClassOfOperators, made, operatorsOf } from './operator-classes.ts'

type Try = (options: Any) => unknown

const kafka = new KafkaClient(memory())
const fn = (value: unknown): unknown => value
const forwarding = () => () => undefined
const window = '1m'
const on = { left: fn, right: fn }

/** Each operator with options, and one of them. */
const operators: Record<string, Record<string, readonly [option: string, call: Try]>> = {
  builder: {
    stream: ['timestamp', (o) => made.builder().stream('t', o)],
    table: ['name', (o) => made.builder().table('t', o)],
    globalTable: ['name', (o) => made.builder().globalTable('t', o)],
    addGlobalStore: ['value', (o) => made.builder().addGlobalStore('t', forwarding, o)],
    addStateStore: ['logged', (o) => made.builder().addStateStore('s', o)],
    addSource: ['invalidTimestamp', (o) => made.builder().addSource('s', 't', o)],
    addProcessor: ['stores', (o) => made.builder().addProcessor('p', forwarding, { parents: made.stream(), ...o })],
    addSink: ['partition', (o) => made.builder().addSink('s', 't', { parents: made.stream(), ...o })],
    explain: ['application', (o) => made.builder().explain(o)],
    start: ['commitInterval', (o) => kafka.streams().start(o)],
  },
  stream: {
    filter: ['name', (o) => made.stream().filter(fn, o)],
    filterNot: ['name', (o) => made.stream().filterNot(fn, o)],
    map: ['key', (o) => made.stream().map(fn, o)],
    mapValues: ['name', (o) => made.stream().mapValues(fn, o)],
    flatMap: ['key', (o) => made.stream().flatMap(fn, o)],
    flatMapValues: ['name', (o) => made.stream().flatMapValues(fn, o)],
    selectKey: ['key', (o) => made.stream().selectKey(fn, o)],
    mapAsync: ['concurrency', (o) => made.stream().mapAsync(fn, o)],
    peek: ['name', (o) => made.stream().peek(fn, o)],
    merge: ['name', (o) => made.stream().merge(made.stream(), o)],
    branch: ['name', (o) => made.stream().branch([[fn, 'out']], o)],
    split: ['default', (o) => made.stream().split({ all: fn }, o)],
    groupBy: ['name', (o) => made.stream().groupBy(fn, o)],
    groupByKey: ['value', (o) => made.stream().groupByKey(o)],
    toTable: ['cache', (o) => made.stream().toTable(o)],
    repartition: ['partitions', (o) => made.stream().repartition(o)],
    through: ['partition', (o) => made.stream().through('t', o)],
    to: ['partition', (o) => made.stream().to('t', o)],
    forEach: ['name', (o) => made.stream().forEach(fn, o)],
    print: ['label', (o) => made.stream().print(o)],
    process: ['stores', (o) => made.stream().process(forwarding, o)],
    processValues: ['stores', (o) => made.stream().processValues(forwarding, o)],
    join: ['grace', (o) => made.stream().join(made.stream(), { window, ...o })],
    leftJoin: ['name', (o) => made.stream().leftJoin(made.other(), o)],
    outerJoin: ['grace', (o) => made.stream().outerJoin(made.stream(), { window, ...o })],
  },
  joined: {
    filter: ['name', (o) => made.joined().filter(fn, o)],
    map: ['name', (o) => made.joined().map(fn, o)],
    mapValues: ['name', (o) => made.joined().mapValues(fn, o)],
    peek: ['name', (o) => made.joined().peek(fn, o)],
    toStream: ['name', (o) => made.joined().toStream(o)],
    forEach: ['name', (o) => made.joined().forEach(fn, o)],
    print: ['write', (o) => made.joined().print(o)],
    to: ['partition', (o) => made.joined().to('t', o)],
  },
  table: {
    filter: ['cache', (o) => made.table().filter(fn, o)],
    filterNot: ['cache', (o) => made.table().filterNot(fn, o)],
    mapValues: ['value', (o) => made.table().mapValues(fn, o)],
    transformValues: ['stores', (o) => made.table().transformValues(forwarding, o)],
    join: ['cache', (o) => made.table().join(made.other(), o)],
    leftJoin: ['value', (o) => made.table().leftJoin(made.other(), fn, o)],
    outerJoin: ['name', (o) => made.table().outerJoin(made.other(), o)],
    groupBy: ['value', (o) => made.table().groupBy(fn, o)],
    suppress: ['maxRecords', (o) => made.table().suppress({ timeLimit: '1m', ...o })],
    untilWindowCloses: ['maxBytes', (o) => made.windowedTable().untilWindowCloses(o)],
    toStream: ['name', (o) => made.table().toStream(o)],
    to: ['partition', (o) => made.table().to('t', o)],
    forEach: ['name', (o) => made.table().forEach(fn, o)],
  },
  grouped: {
    count: ['cache', (o) => made.grouped().count(o)],
    reduce: ['value', (o) => made.grouped().reduce(0, fn, o)],
    aggregate: ['value', (o) => made.grouped().aggregate(0, fn, o)],
  },
  groupedTable: {
    count: ['cache', (o) => made.groupedTable().count(o)],
    reduce: ['value', (o) => made.groupedTable().reduce(fn, fn, o)],
    aggregate: ['value', (o) => made.groupedTable().aggregate(0, fn, fn, o)],
  },
  cogrouped: {
    aggregate: ['value', (o) => made.cogrouped().aggregate(0, o)],
    windowAggregate: ['merge', (o) => made.cogrouped().windowAggregate(tumblingWindow('1m'), 0, o)],
  },
  windowed: { groupBy: ['key', (o) => made.windowed().groupBy(fn, o)] },
  windowedGrouped: {
    count: ['cache', (o) => made.windowedGrouped().count(o)],
    reduce: ['value', (o) => made.windowedGrouped().reduce(0, fn, o)],
    aggregate: ['merge', (o) => made.windowedGrouped().aggregate(0, fn, o)],
  },
  windowedTable: { forEach: ['name', (o) => made.windowedTable().forEach(fn, o)] },
}

/** Operators without options. */
const without: Record<ClassOfOperators, readonly string[]> = {
  builder: ['describe', 'topology'],
  stream: ['window'],
  joined: [],
  table: [],
  grouped: ['cogroup', 'window'],
  groupedTable: [],
  cogrouped: ['cogroup'],
  windowed: ['groupByKey'],
  windowedGrouped: [],
  windowedTable: ['late'],
  global: [],
}

/** The same for other forms of these operators. */
const others: readonly (readonly [operator: string, option: string, call: Try])[] = [
  ['join', 'key', (o) => made.stream().join(made.global(), { key: fn, ...o })],
  ['join', 'grace', (o) => made.stream().join(made.table(), { on, ...o })],
  ['join: window', 'before', (o) => made.stream().join(made.stream(), { window: o })],
  ['leftJoin', 'cache', (o) => made.table().leftJoin(made.other(), { on, ...o })],
  ["store 'kept'", 'logged', (o) => made.stream().process(forwarding, { stores: { kept: o } })],
  ["store 'kept'", 'logged', (o) => made.stream().processValues(forwarding, { stores: { kept: o } })],
  ["store 'kept'", 'logged', (o) => made.table().transformValues(forwarding, { stores: { kept: o } })],
  ["store 's'", 'retention', (o) => made.builder().addStateStore('s', { kind: 'session', retention: '1m', ...o })],
  ['tumblingWindow', 'grace', (o) => tumblingWindow('1m', o)],
  ['hoppingWindow', 'emit', (o) => hoppingWindow('1m', '10s', o)],
  ['slidingWindow', 'retention', (o) => slidingWindow('1m', o)],
  ['sessionWindow', 'grace', (o) => sessionWindow('1m', o)],
  ['consumer', 'fetchMaxWaitMs', (o) => kafka.streams().start({ consumer: o })],
  ['producer', 'lingerMs', (o) => kafka.streams().start({ producer: o })],
]

/** Swaps the first two letters. */
const misspelt = (option: string): string => `${option[1]}${option[0]}${option.slice(2)}`

async function refusalOf(call: Try, options: object): Promise<unknown> {
  try {
    await call(options)
  } catch (error) {
    return error
  }
  return undefined
}

const rows = [
  ...Object.values(operators).flatMap((all) =>
    Object.entries(all).map(([operator, [option, call]]) => [operator, option, call] as const),
  ),
  ...others,
]

it.each(rows)('%s refuses an option that is none at once, and names the one that may be meant: %s', async (...row) => {
  const [operator, option, call] = row
  const [given, named] = [
    misspelt(option),
    operator === 'start' ? 'streams' : operator.replace(/^add(Global|State)Store$/, 'store'),
  ]
  const error = await refusalOf(call, { [given]: undefined })
  expect(error).toBeInstanceOf(InvalidRequestError)
  expect((error as Error).message).toContain(named)
  expect((error as Error).message).toContain(`'${given}'`)
  expect((error as Error).message).toContain(`'${option}'`)
})

it.each(Object.entries(without))('of %s each operator is looked at', (name, plain) => {
  const known = [...Object.keys(operators[name] ?? {}), ...plain]
  expect(operatorsOf(name as ClassOfOperators).toSorted()).toEqual(known.toSorted())
})
