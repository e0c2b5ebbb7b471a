import type { Olds } from './olds.ts'
import { type BuildProcessor, type Forward, type NodeContext, requireAnswer } from './processor.ts'
import type { JoinKind, Joiner } from './stream-join.ts'
import type { TableRow } from './table-row.ts'
import type { BuildGetter, TableGetter } from './table-source.ts'

export interface StreamTableJoin {
  readonly kind: 'inner' | 'left'
  readonly joiner: Joiner
  readonly matches: ((left: unknown, right: unknown) => boolean) | undefined
}

/** Whether a record of the stream has no key to look a row up, and no result without one. It is counted. */
export function isDropped(context: NodeContext, kind: StreamTableJoin['kind'], key: unknown, value: unknown): boolean {
  const isToDrop = value === null || (key === null && kind === 'inner')
  if (isToDrop) context.drop(key === null ? 'null-key' : 'null-value')
  return isToDrop
}

/** Looks up the row for each record's key. Only the stream causes results. */
export function streamTableJoinProcessor(
  { kind, joiner, matches }: StreamTableJoin,
  table: BuildGetter,
): BuildProcessor {
  return (context, forward, _late, name) => {
    const get = table(context, 'now')
    return [
      (key, value, timestamp) => {
        context.operator = name
        if (isDropped(context, kind, key, value)) return
        const row = key === null ? undefined : get(key)
        const found = row?.value ?? null
        const right = found === null || !matches || matches(value, found) ? found : null
        if (right !== null || kind === 'left') forward(key, requireAnswer(joiner(value, right, key), 'join'), timestamp)
      },
      // The store of the table already has its changes.
      () => undefined,
    ]
  }
}

/** Looks up a row of a global table by any part of the record. */
export function globalTableJoinProcessor(
  { kind, joiner }: StreamTableJoin,
  store: string,
  select: (value: unknown, key: unknown) => unknown,
): BuildProcessor {
  return (context, forward, _late, name) => {
    const rows = context.keyValueStore(store)
    return [
      (key, value, timestamp) => {
        context.operator = name
        if (value === null) {
          context.drop(key === null ? 'null-key' : 'null-value')
          return
        }
        const wanted = requireAnswer(select(value, key), 'join') ?? null
        const right = wanted === null ? null : (rows.get(wanted) ?? null)
        if (right !== null || kind === 'left') forward(key, requireAnswer(joiner(value, right, key), 'join'), timestamp)
        else if (wanted === null) context.drop('null-key')
      },
    ]
  }
}

/**
 * Joins two tables by key: a change of either changes the result.
 *
 * @param olds whether somebody asks for former results. Only then the joiner gets a former value
 */
export function tableJoinProcessor(
  kind: JoinKind,
  joiner: Joiner,
  left: BuildGetter,
  right: BuildGetter,
  olds: Olds,
): BuildProcessor {
  return (context, forward, _late, name) => {
    const { areTold } = olds
    const join = (one: unknown, other: unknown, key: unknown): unknown => {
      const isResult =
        kind === 'inner'
          ? one !== null && other !== null
          : kind === 'left'
            ? one !== null
            : one !== null || other !== null
      return isResult ? requireAnswer(joiner(one, other, key), 'join') : null
    }
    const input = (get: TableGetter, isLeft: boolean): Forward => {
      const isKeptAlone = kind === 'outer' || (kind === 'left' && isLeft)
      const isOtherKeptAlone = kind === 'outer' || (kind === 'left' && !isLeft)
      const joined = (own: unknown, other: unknown, key: unknown): unknown =>
        isLeft ? join(own, other, key) : join(other, own, key)
      return (key: unknown, value: unknown, timestamp: number, before: unknown): void => {
        context.operator = name
        if (key === null) {
          context.drop('null-key')
          return
        }
        const row: TableRow | undefined = get(key)
        const other = row?.value ?? null
        const old = before ?? null
        // Without the other row there is no result, and there was none, unless this side alone makes one.
        if (other === null && (!isKeptAlone || (value === null && old === null))) return
        const result = joined(value, other, key)
        const hadResult = areTold && (old !== null || isOtherKeptAlone)
        // A joiner may write into a row and forward it, so no row is passed twice.
        const oldResult = hadResult ? joined(old, isObject(other) ? (get(key)?.value ?? null) : other, key) : null
        forward(key, result, Math.max(timestamp, row?.timestamp ?? -1), oldResult)
      }
    }
    return [input(right(context, 'told'), true), input(left(context, 'told'), false)]
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Reads the result of a join of tables that has no store of its own. */
export function tableJoinGetter(kind: JoinKind, joiner: Joiner, left: BuildGetter, right: BuildGetter): BuildGetter {
  return (context: NodeContext, view) => {
    const [getLeft, getRight] = [left(context, view), right(context, view)]
    return (key) => {
      const [one, other] = [getLeft(key), getRight(key)]
      const isResult = kind === 'inner' ? one && other : kind === 'left' ? one : (one ?? other)
      if (!isResult) return undefined
      const value = joiner(one?.value ?? null, other?.value ?? null, key) ?? null
      return value === null ? undefined : { value, timestamp: Math.max(one?.timestamp ?? -1, other?.timestamp ?? -1) }
    }
  }
}
