import type { CaseOutput, Operator } from './case.ts'
import { selectors } from './functions.ts'
import { type Disagreement, without } from './results.ts'
import { is } from './traits.ts'
import { isBehind } from './upstream.ts'

type Join = Extract<Operator, { op: 'join' }>

/** Whether Kafka Streams lacks only what a left join with a global table hands on of records that name no row. */
export function areOfNoRow({ operators, writers, ours, theirs }: Disagreement): boolean {
  const joins = writers.filter(
    (one): one is Join => one.op === 'join' && one.kind === 'left' && operators[one.other]?.op === 'globalTable',
  )
  const areNamed = (join: Join): boolean =>
    writers.every((one) => is(one, 'unchanging') || !isBehind(operators, one, join))
  return (
    joins.length > 0 &&
    without(theirs, ours).length === 0 &&
    without(ours, theirs).every(
      (one) => String(one.value).endsWith('&null') && joins.some((join) => !areNamed(join) || namesNoRow(join, one)),
    )
  )
}

function namesNoRow({ key }: Join, one: CaseOutput): boolean {
  const left = String(one.value).slice(0, -'&null'.length)
  return key !== undefined && selectors[key](left, one.key) === null
}
