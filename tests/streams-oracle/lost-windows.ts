import type { CaseInput, CaseOutput, Operator } from './case.ts'
import { type Disagreement, latestAt, timesBehind, windowOfResult, without } from './results.ts'
import { isBehind } from './upstream.ts'

type Final = Extract<Operator, { op: 'aggregate' }>

/** What gives records other times than those of the topics. */
const retiming: ReadonlySet<Operator['op']> = new Set(['process', 'aggregate', 'cogroup', 'join'])
/** What gives records another key. */
const rekeying: ReadonlySet<Operator['op']> = new Set(['groupBy', 'map', 'flatMap', 'selectKey'])

/**
 * Whether Kafka Streams lacks final windows and nothing else: those with a record in them which close when time jumps,
 * and of which it has told none.
 */
export function areLostByJump(disagreement: Disagreement): boolean {
  const { writers, ours, theirs } = disagreement
  const told = new Set(theirs.filter(windowOfResult).map(({ key }) => JSON.stringify(key)))
  const lost = without(ours, theirs)
  return (
    without(theirs, ours).length === 0 &&
    lost.every(({ key }) => !told.has(JSON.stringify(key))) &&
    writers.some((one) => isFinal(one) && lost.every((result) => isLost(one, disagreement, result)))
  )
}

function isFinal(operator: Operator): operator is Final {
  return operator.op === 'aggregate' && operator.emit === 'final'
}

function isLost(final: Final, { operators, writers, inputs }: Disagreement, one: CaseOutput): boolean {
  const { window } = final
  if (!window) return false
  const before = writers.filter((other) => isBehind(operators, final, other))
  const areOfTopics = !before.some(({ op }) => retiming.has(op))
  const result = windowOfResult(one)
  if (!result) return true
  const { start, end, key } = result
  const isInclusive = window.type === 'sliding' || window.type === 'session'
  const isWithin = (time: number): boolean => start <= time && (isInclusive ? time <= end : time < end)
  const earlier = inputs.slice(0, one.step + 1)
  if (!areOfTopics) return timesBehind(writers, earlier).some(isWithin)
  const isRekeyed = before.some(({ op }) => rekeying.has(op))
  const isOfIt = (input: CaseInput): boolean => 'ts' in input && isWithin(input.ts) && (isRekeyed || input.key === key)
  const latest = latestAt(inputs, one.step)
  const step = window.type === 'tumbling' ? window.size : window.type === 'hopping' ? window.advance : 1
  // Whatever closes before the latest window begins is lost.
  const latestStart = latest - (latest % step)
  const closesAt = end + window.grace + (window.type === 'session' ? window.size : 0)
  return earlier.some(isOfIt) && latestStart >= closesAt
}
