import { defineTopic, int64, type Serde } from '@kafkado/core'
import {
  type GroupedStream,
  GroupedTable,
  hoppingWindow,
  keyValue,
  sessionWindow,
  slidingWindow,
  type Startable,
  type Stream,
  type StreamsBuilder,
  Table,
  tumblingWindow,
  type Window,
  type WindowedTable,
} from '@kafkado/streams'
import type { CaseWindow, Operator } from './case.ts'
import {
  adders,
  exclusions,
  initial,
  joined,
  mappers,
  merged,
  piecesOf,
  predicates,
  selectors,
  subtract,
} from './functions.ts'
import { processOf } from './process-of.ts'

type AnyStream = Stream<string | null, unknown>
type AnyTable = Table<string, unknown>
type Op<Name extends Operator['op']> = Extract<Operator, { op: Name }>

/** What an operator made. Only counts are no text. */
interface Node {
  readonly made: unknown
  readonly isCount?: boolean
}

/**
 * Builds the topology that a case describes; Topologies.java does the same. @throws when a case makes no sense, as
 * shrunk ones may not
 */
export function buildTopology(s: StreamsBuilder, operators: readonly Operator[]): Startable {
  const nodes: Node[] = []
  for (const operator of operators) nodes.push(build(s, nodes, operator))
  return s
}

/** The topics that a case writes to. */
export function outputTopics(operators: readonly Operator[]): string[] {
  return operators.flatMap((operator) => (operator.op === 'to' ? [operator.topic] : []))
}

function build(s: StreamsBuilder, nodes: readonly Node[], operator: Operator): Node {
  const topic = 'topic' in operator ? defineTopic(operator.topic, { key: 'string', value: 'string' }) : undefined
  if (!('from' in operator)) {
    if (operator.op === 'table') return { made: s.table(topic as never, operator.name ? { name: operator.name } : {}) }
    return { made: operator.op === 'stream' ? s.stream(topic as never) : s.globalTable(topic as never) }
  }
  const from = nodes[operator.from]
  if (!from) throw new TypeError(`there is no operator ${operator.from}`)
  const other = 'other' in operator ? nodes[operator.other] : undefined
  switch (operator.op) {
    case 'join':
      return { made: joinOf(from.made, other?.made, operator) }
    case 'aggregate':
      return { made: aggregateOf(from.made, operator), isCount: operator.by === 'count' || isCountKept(from, operator) }
    case 'cogroup':
      return { made: cogroupOf(from.made, other?.made, operator) }
    case 'merge':
      return { ...from, made: streamOf(from.made).merge(other?.made as AnyStream) }
    case 'filter': {
      const rows = rowsOf(from.made)
      const { predicate, isNot } = operator
      return { ...from, made: isNot ? rows.filterNot(exclusions[predicate]) : rows.filter(predicates[predicate]) }
    }
    case 'mapValues':
      return { made: rowsOf(from.made).mapValues(mappers[operator.map]) }
    default:
      return tableOperator(from, operator) ?? streamOperator(from, operator, nodes.length)
  }
}

function isCountKept(from: Node, { by }: Op<'aggregate'>): boolean {
  return from.isCount === true && by === 'reduce'
}

/** Operators of tables, of which groupBy is one of streams as well. */
function tableOperator(from: Node, operator: Operator): Node | undefined {
  const serde = { value: valueSerdeOf(from) }
  switch (operator.op) {
    case 'suppress': {
      const { timeLimit, maxRecords } = operator
      return { ...from, made: (from.made as AnyTable).suppress({ timeLimit, maxRecords }) }
    }
    case 'untilWindowCloses':
      return { ...from, made: (from.made as WindowedTable<string, unknown>).untilWindowCloses() }
    case 'toStream':
      return { ...from, made: (from.made as AnyTable).toStream() }
    case 'groupBy':
      return { ...from, made: rowsOf(from.made).groupBy(selectors[operator.key], serde) }
    default:
      return undefined
  }
}

function streamOperator(from: Node, operator: Operator, index: number): Node {
  const stream = streamOf(from.made)
  const serde = { value: valueSerdeOf(from) }
  switch (operator.op) {
    case 'map': {
      const [key, map] = [selectors[operator.key], mappers[operator.map]]
      return { made: stream.map((value, before) => keyValue(key(value, before), map(value, before))) }
    }
    case 'flatMap': {
      const key = selectors[operator.key]
      const pieces = (value: unknown, before: string | null) =>
        piecesOf(value).map((piece) => keyValue(key(piece, before), piece))
      return { made: stream.flatMap(pieces) }
    }
    case 'flatMapValues':
      return { made: stream.flatMapValues((value) => piecesOf(value)) }
    case 'selectKey':
      return { ...from, made: stream.selectKey(selectors[operator.key]) }
    case 'peek':
      return { ...from, made: stream.peek(() => undefined) }
    case 'split': {
      const branches = operator.predicates.map((predicate, place) => [`branch${place}`, predicates[predicate]] as const)
      return { ...from, made: Object.values(stream.split(Object.fromEntries(branches))) }
    }
    case 'branch':
      return { ...from, made: (from.made as unknown[])[operator.index] }
    case 'groupByKey':
      return { ...from, made: stream.groupByKey(serde) }
    case 'toTable': {
      const options = { value: valueSerdeOf(from), ...(operator.name === undefined ? {} : { name: operator.name }) }
      return { ...from, made: stream.toTable(options) }
    }
    case 'repartition':
      return { ...from, made: stream.repartition(serde) }
    case 'process':
      return { made: processOf(stream, operator, `store${index}`) }
    case 'to':
      stream.to(operator.topic)
      return from
    default:
      throw new TypeError(`there is no operator ${operator.op}`)
  }
}

function joinOf(from: unknown, other: unknown, operator: Op<'join'>): unknown {
  const { kind, key, isOfKey, before = 0, after = 0, grace } = operator
  const method = kind === 'inner' ? 'join' : `${kind}Join`
  const call = (...given: unknown[]): unknown =>
    (from as Record<string, (...given: unknown[]) => unknown>)[method]?.(...given)
  if (from instanceof Table) {
    if (key === undefined) return call(other, joined(kind))
    const left = (value: unknown, own: unknown): string | null => selectors[key](value, isOfKey ? own : null)
    const on = { left, right: () => null }
    return call(other, { on }, joined(kind))
  }
  const isGlobal = key !== undefined
  const pairs =
    other instanceof Table
      ? call(other, grace === undefined ? {} : { grace })
      : call(other, isGlobal ? { key: selectors[key] } : { window: { before, after }, grace })
  return (pairs as { mapValues(map: ReturnType<typeof joined>): unknown }).mapValues(joined(kind))
}

function aggregateOf(from: unknown, { by, add, window, emit = 'updates' }: Op<'aggregate'>): unknown {
  const text = { value: 'string' } as const
  if (from instanceof GroupedTable) {
    if (by === 'count') return from.count()
    if (by === 'reduce') return from.reduce(adders[add], subtract)
    return from.aggregate(initial, adders[add], subtract, text)
  }
  const grouped = from as GroupedStream<string, unknown>
  if (window) {
    const windowed = grouped.window(windowOf(window, emit))
    if (by === 'count') return windowed.count()
    if (by === 'reduce') return windowed.reduce(adders[add])
    return windowed.aggregate(initial, adders[add], { ...text, merge: merged })
  }
  if (by === 'count') return grouped.count()
  if (by === 'reduce') return grouped.reduce(adders[add])
  return grouped.aggregate(initial, adders[add], text)
}

function cogroupOf(from: unknown, other: unknown, { add, window }: Op<'cogroup'>): unknown {
  const [one, two] = [from as GroupedStream<string, unknown>, other as GroupedStream<string, unknown>]
  const both = one
    .cogroup<string>(adders[add])
    .cogroup(two, (aggregate, value) => adders.concat(aggregate, `R${String(value)}`))
  if (!window) return both.aggregate(initial, { value: 'string' })
  return both.windowAggregate(windowOf(window, 'updates'), initial, { value: 'string', merge: merged })
}

function windowOf(window: CaseWindow, emit: 'updates' | 'final'): Window {
  const { type, size, grace } = window
  const options = { grace, emit }
  if (type === 'tumbling') return tumblingWindow(size, options)
  if (type === 'hopping') return hoppingWindow(size, window.advance, options)
  return type === 'sliding' ? slidingWindow(size, options) : sessionWindow(size, options)
}

function valueSerdeOf({ isCount }: Node): Serde<unknown> | 'string' {
  return isCount ? (int64() as Serde<unknown>) : 'string'
}

function streamOf(made: unknown): AnyStream {
  return made as AnyStream
}

/** What streams and tables have alike. */
function rowsOf(made: unknown): Pick<AnyTable, 'filter' | 'filterNot' | 'mapValues' | 'groupBy'> {
  return made as AnyTable
}
