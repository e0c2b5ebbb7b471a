import { InvalidRequestError, json } from '@kafkado/core'
import { toMilliseconds } from '@kafkado/core/internal'
import { type JoinKind, streamJoinProcessor } from '../../processors/stream-join.ts'
import { graceJoinProcessor } from '../../processors/grace-join/grace-join.ts'
import { versionsSerde } from '../../processors/grace-join/versions.ts'
import { waitingRecordSerde } from '../../processors/grace-join/waiting-record.ts'
import type { BuildProcessor } from '../../processors/processor.ts'
import {
  globalTableJoinProcessor,
  type StreamTableJoin,
  streamTableJoinProcessor,
} from '../../processors/table-join.ts'
import type { Graph } from '../../graph/graph.ts'
import type { GlobalTableNode, GraphNode } from '../../graph/graph-node.ts'
import type { StoreDefinition } from '../../state/store-definition.ts'
import { type JoinKeys, type JoinOn, joinKeysOf } from './key-path.ts'
import type { StreamParts, TableParts } from '../parts.ts'
import { rekeyed, repartitioned } from '../stream/repartitioned.ts'
import { derivedKeySerde } from '../serdes.ts'
import { asKept, materialized, storeOf } from '../table/table-of.ts'
import { optionsOf } from '../operator-options.ts'
import {
  type GlobalJoinOptions,
  globalJoinOptions,
  joinWindowOptions,
  type StreamJoinOptions,
  streamJoinOptions,
  type TableJoinOptions,
  tableJoinOptions,
} from './join-options.ts'

const defaultGraceMs = 86_400_000

/** A pair, as a join passes it to the next operators. */
export type Pair = readonly [left: unknown, right: unknown]

const pair = (left: unknown, right: unknown): Pair => [left, right]

/**
 * Joins a stream with whatever was given.
 *
 * @throws InvalidRequestError when that cannot be joined, or not in this way
 */
export function joinWith(
  kind: JoinKind,
  given: StreamParts,
  other: unknown,
  isStream: boolean,
  options: object,
): StreamParts {
  const foreign = (other as { readonly parts?: StreamParts | TableParts | GlobalTableParts } | undefined)?.parts
  if (foreign === undefined)
    throw new InvalidRequestError('join: give a stream, a table or a global table to join with')
  const operator = kind === 'inner' ? 'join' : `${kind}Join`
  if (isStream) {
    const told = optionsOf(operator, streamJoinOptions, options as StreamJoinOptions<never, never>)
    return joinStream(kind, given, foreign as StreamParts, told)
  }
  if (kind === 'outer')
    throw new InvalidRequestError('outerJoin: a stream has no outer join with a table; use leftJoin()')
  return 'node' in foreign
    ? joinTable(
        kind,
        given,
        foreign as TableParts,
        optionsOf(operator, tableJoinOptions, options as TableJoinOptions<never, never>),
      )
    : joinGlobalTable(
        kind,
        given,
        foreign,
        optionsOf(operator, globalJoinOptions, options as GlobalJoinOptions<never, never, unknown>),
      )
}

interface GlobalTableParts {
  readonly global: GlobalTableNode
  readonly graph: Graph
}

interface BegunJoin {
  readonly graph: Graph
  readonly keys: JoinKeys | undefined
  readonly lineage: string
  /** Why an internal topic exists, if there is one. */
  readonly reason: string
}

/** Puts both sides into one graph, with the keys to compare. */
function begun(
  given: StreamParts,
  other: Pick<StreamParts, 'graph' | 'lineage'>,
  withWhat: string,
  on: JoinOn<never, never> | undefined,
): BegunJoin {
  const graph = given.graph.whole
  graph.absorb(other.graph)
  return {
    graph,
    keys: on && joinKeysOf(on),
    lineage: `${given.lineage}-${other.lineage}`,
    reason: `the join of ${given.lineage} ${withWhat} needs the records of a key in one task`,
  }
}

function joinStream(
  kind: JoinKind,
  given: StreamParts,
  other: StreamParts,
  options: StreamJoinOptions<never, never>,
): StreamParts {
  const { graph, keys, lineage, reason } = begun(given, other, `and ${other.lineage}`, options.on)
  const keyed = (parts: StreamParts, select: JoinKeys['left'] | undefined): StreamParts =>
    select ? rekeyed(parts, 'join key', select, derivedKeySerde, keys?.label) : parts
  const [byLeft, byRight] = [keyed(given, keys?.left), keyed(other, keys?.right)]
  // When one side keeps its keys, the other side's keys are written with the same serde, so that equal keys meet.
  const at = (from: StreamParts, to: StreamParts, side: string): StreamParts => {
    const own = options.name === undefined ? {} : { name: `${options.name}-${side}` }
    return repartitioned(from, reason, { ...(to.isRekeyed ? {} : { key: to.key }), ...own })
  }
  const left = at(byLeft, byRight, 'left')
  const right = given === other && !keys ? left : at(byRight, byLeft, 'right')
  const { beforeMs, afterMs } = joinWindow(options.window)
  const graceMs =
    options.grace === undefined ? (kind === 'inner' ? defaultGraceMs : 0) : toMilliseconds(options.grace, 'grace')
  const retentionMs = beforeMs + afterMs + graceMs
  const name = options.name ?? graph.uniqueName(`${lineage}${keys ? `-on-${keys.label}` : ''}-join`)
  const store = (suffix: string, from: StreamParts, windowSizeMs: number): StoreDefinition => {
    const purpose =
      `${windowSizeMs === 0 ? 'records' : 'records that have met none'} of ${from.lineage}, ` +
      `for the join of ${given.lineage} and ${other.lineage}`
    return storeOf(from, {
      name: graph.derivedName(name, suffix),
      kind: 'join',
      retentionMs,
      windowSizeMs,
      purpose,
    })
  }
  const kept = [store('left', left, 0), store('right', right, 0)]
  const pending = [
    kind === 'inner' ? undefined : store('pending-left', left, afterMs + graceMs),
    kind === 'outer' ? store('pending-right', right, beforeMs + graceMs) : undefined,
  ].filter((one) => one !== undefined)
  const stores = {
    left: `${name}-left`,
    right: `${name}-right`,
    pendingLeft: `${name}-pending-left`,
    pendingRight: `${name}-pending-right`,
  }
  const node = graph.processor({
    operator: `${kind === 'inner' ? 'join' : `${kind}Join`} ${name}`,
    name: options.name,
    inputs: [left.node, right.node],
    stores: [...kept, ...pending],
    build: streamJoinProcessor({ kind, beforeMs, afterMs, graceMs, joiner: pair, matches: keys?.matches, stores }),
    needsCopartitioning: true,
    takesNullKeys: kind !== 'inner',
  })
  return { ...left, node, value: json(), lineage }
}

function joinTable(
  kind: 'inner' | 'left',
  given: StreamParts,
  table: TableParts,
  options: TableJoinOptions<never, never>,
): StreamParts {
  const { graph, keys, lineage, reason } = begun(given, table, `with the table of ${table.lineage}`, options.on)
  const byKey = keys ? rekeyed(given, 'join key', keys.left, table.key, keys.label) : given
  const { name } = options
  const left = repartitioned(byKey, reason, { key: table.key, name })
  const join = { kind, joiner: pair, matches: keys?.matches }
  const lookedUp = options.grace === undefined ? atOnce(join, table) : afterGrace(join, left, table, options)
  const node = graph.processor({
    operator: `${kind === 'inner' ? 'join' : 'leftJoin'} ${table.lineage}`,
    name,
    inputs: [left.node, lookedUp.rows],
    stores: lookedUp.stores,
    build: lookedUp.build,
    needsCopartitioning: true,
    takesNullKeys: kind === 'left',
  })
  return { ...left, node, value: json(), lineage }
}

/** How the records of a stream find the rows of a table. */
interface LookUp {
  readonly rows: GraphNode
  readonly stores: readonly StoreDefinition[]
  readonly build: BuildProcessor
}

/** The current rows, at the time a record arrives. */
function atOnce(join: StreamTableJoin, table: TableParts): LookUp {
  const { node: rows, getter } = materialized(table)
  return { rows, stores: [], build: streamTableJoinProcessor(join, getter) }
}

/** The rows at the time of a record, once the grace is over. */
function afterGrace(
  join: StreamTableJoin,
  left: StreamParts,
  table: TableParts,
  { grace = 0, name: given }: TableJoinOptions<never, never>,
): LookUp {
  const graph = left.graph.whole
  const { node: rows, getter: present, key, value } = asKept(table)
  const lineage = `${left.lineage}-${table.lineage}`
  const name = given ?? graph.uniqueName(`${lineage}-join`)
  const graceMs = toMilliseconds(grace, 'grace')
  const waiting = storeOf(
    { graph, key: left.key, value: waitingRecordSerde(left.value) },
    {
      name: graph.derivedName(name, 'waiting'),
      kind: 'join',
      retentionMs: graceMs,
      purpose: `records of ${left.lineage} that wait for rows of ${table.lineage}`,
    },
  )
  const history = storeOf(
    { graph, key, value: versionsSerde(value) },
    {
      name: graph.derivedName(name, 'history'),
      purpose: `what rows of ${table.lineage} were at the times of ${left.lineage}`,
    },
  )
  const stores = { waiting: waiting.name, history: history.name }
  return { rows, stores: [waiting, history], build: graceJoinProcessor({ ...join, graceMs, stores, present }) }
}

function joinGlobalTable(
  kind: 'inner' | 'left',
  given: StreamParts,
  { global, graph }: GlobalTableParts,
  { key, name }: GlobalJoinOptions<never, never, unknown>,
): StreamParts {
  if (typeof key !== 'function')
    throw new InvalidRequestError('join: with a global table give { key: (value, key) => the key of its row }')
  given.graph.whole.absorb(graph)
  const join = { kind, joiner: pair, matches: undefined }
  const node = given.graph.whole.processor({
    operator: `${kind === 'inner' ? 'join' : 'leftJoin'} ${global.name}`,
    name,
    inputs: [given.node],
    globals: [global],
    takesNullKeys: kind === 'left',
    build: globalTableJoinProcessor(join, global.store.name, key as (value: unknown, key: unknown) => unknown),
  })
  return { ...given, node, value: json(), lineage: `${given.lineage}-${global.name}` }
}

function joinWindow(window: StreamJoinOptions<never, never>['window'] | undefined): {
  beforeMs: number
  afterMs: number
} {
  if (window === undefined)
    throw new InvalidRequestError(
      "join: two streams need a window, such as { window: '1h' }: how far apart their records may be",
    )
  if (typeof window === 'object') {
    const { before = 0, after = 0 } = optionsOf('join: window', joinWindowOptions, window)
    return { beforeMs: toMilliseconds(before, 'window.before'), afterMs: toMilliseconds(after, 'window.after') }
  }
  const difference = toMilliseconds(window, 'window')
  return { beforeMs: difference, afterMs: difference }
}
