import { InvalidRequestError, json } from '@kafkado/core'
import { anyField, type ConfigFields } from '@kafkado/core/internal'
import { JoinOlds } from '../../processors/olds.ts'
import type { JoinKind, Joiner } from '../../processors/stream-join.ts'
import { tableJoinGetter, tableJoinProcessor } from '../../processors/table-join.ts'
import { optionsOf, stateOptions } from '../operator-options.ts'
import type { TableParts } from '../parts.ts'
import { keptTable } from '../table/kept-table.ts'
import { materialized } from '../table/table-of.ts'
import type { AnyStateOptions } from '../types.ts'
import { type ForeignKeyJoinOptions, joinForeignKey } from './foreign-key-join.ts'

type TableJoinOptions = AnyStateOptions | ForeignKeyJoinOptions<never, never>

const joinOptions: ConfigFields<AnyStateOptions & { on?: unknown }> = { ...stateOptions, on: anyField() }

const pair: Joiner = (left, right) => [left, right]

/**
 * Joins a table with another one, by the key or by a foreign key.
 *
 * @param first the joiner or the options
 * @param second the other of the two, if given
 * @throws InvalidRequestError when they are anything else, or there is no such join
 */
export function joinTables(
  kind: JoinKind,
  given: TableParts,
  other: TableParts,
  first: unknown,
  second: unknown,
): TableParts {
  given.graph.whole.absorb(other.graph)
  const { joiner, options: told } = joinerAndOptions(first, second)
  const operator = kind === 'inner' ? 'join' : `${kind}Join`
  const options = optionsOf<TableJoinOptions>(operator, joinOptions, told)
  if (!('on' in options)) return keptTable(joinByKey(kind, given, other, joiner, options.name), operator, options)
  if (kind === 'outer') throw new InvalidRequestError('outerJoin does not support foreign keys; use join or leftJoin')
  return keptTable(joinForeignKey(kind, given, other, options, joiner), operator, options)
}

function joinerAndOptions(first: unknown, second: unknown): { joiner: Joiner; options: TableJoinOptions } {
  const [given, options] = typeof first === 'function' ? [first, second ?? {}] : [second, first ?? {}]
  const joiner = given ?? pair
  if (typeof joiner !== 'function' || typeof options !== 'object')
    throw new InvalidRequestError('join: give a function of both values as joiner, and options as an object')
  return { joiner: joiner as Joiner, options }
}

function joinByKey(
  kind: JoinKind,
  given: TableParts,
  other: TableParts,
  joiner: Joiner,
  name: string | undefined,
): TableParts {
  if (kind !== 'inner') given.olds.ask()
  if (kind === 'outer') other.olds.ask()
  const [left, right] = [materialized(given), materialized(other)]
  const olds = new JoinOlds([given.olds, other.olds])
  const node = given.graph.whole.processor({
    operator: `${kind === 'inner' ? 'join' : `${kind}Join`} ${right.lineage}`,
    name,
    inputs: [left.node, right.node],
    build: tableJoinProcessor(kind, joiner, left.getter, right.getter, olds),
    needsCopartitioning: true,
  })
  const getter = tableJoinGetter(kind, joiner, left.getter, right.getter)
  const lineage = `${left.lineage}-${right.lineage}`
  const [one, two] = [given.openMs, other.openMs]
  const openMs = one === undefined || two === undefined ? undefined : Math.max(one, two)
  return { ...given, node, value: json(), lineage, getter, hasOld: true, olds, store: undefined, openMs }
}
