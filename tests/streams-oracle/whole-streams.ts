import type { Case, CaseOutput, Operator } from './case.ts'
import { is } from './traits.ts'
import { isBehind, upstreamOf } from './upstream.ts'

type Op<Name extends Operator['op']> = Extract<Operator, { op: Name }>

/** The words of not-supported.md that say so. */
export const reference = 'results in between of a join by foreign key whose rows come through an internal topic'

/**
 * Whether a topic is given what rows of a join by foreign key were in between. Rows that come through an internal topic
 * name others, so one task may be ahead of the other, and tell more of them or fewer.
 */
export function tellsInBetween(operators: readonly Operator[], topic: string): boolean {
  const writers = upstreamOf(operators, topic)
  const hops = writers.filter((one) => is(one, 'hopping'))
  return writers.some((one) => isForeignJoin(operators, one) && hops.some((hop) => isBehind(operators, one, hop)))
}

/**
 * A case in which each stream that tells what rows were in between is written to a topic, where less than all of it
 * was: a filter may leave out the last that is told of a key, so behind it that is not known.
 */
export function withWholeStreams<One extends Pick<Case, 'operators'>>(one: One): One {
  const { operators } = one
  const missing = new Set<number>()
  for (const operator of operators) {
    if (operator.op !== 'to' || !tellsInBetween(operators, operator.topic)) continue
    const whole = wholeStreamOf(operators, operator)
    if (topicOfWhole(operators, whole) === undefined) missing.add(whole)
  }
  const added = [...missing].map((from): Operator => ({ op: 'to', from, topic: `whole${from}` }))
  return added.length === 0 ? one : { ...one, operators: [...operators, ...added] }
}

/**
 * What a topic was given that was not the last of its key in a step: the last before anything was chosen from it, where
 * that is written to a topic, as by {@link withWholeStreams}.
 */
export function inBetween(operators: readonly Operator[], topic: string, outputs: readonly CaseOutput[]): CaseOutput[] {
  const operator = operators.find((one): one is Op<'to'> => one.op === 'to' && one.topic === topic)
  const whole = operator && topicOfWhole(operators, wholeStreamOf(operators, operator))
  const told = outputs.filter(({ out }) => out === (whole ?? topic))
  const last = new Set(new Map(told.map((output) => [JSON.stringify([output.step, output.key]), output])).values())
  return told.filter((output) => !last.has(output))
}

/** The index of the operator that made all of what a topic was chosen from. */
function wholeStreamOf(operators: readonly Operator[], { from }: Op<'to'>): number {
  let index = from
  for (;;) {
    const one = operators[index] as Operator
    if (!is(one, 'choosing') || !('from' in one)) return index
    index = one.from
  }
}

/** The topic that is given all that an operator makes. */
function topicOfWhole(operators: readonly Operator[], whole: number): string | undefined {
  const isWhole = (index: number): boolean => {
    const one = operators[index] as Operator
    return index === whole || (one.op === 'peek' && isWhole(one.from))
  }
  return operators.find((one): one is Op<'to'> => one.op === 'to' && isWhole(one.from))?.topic
}

function isForeignJoin(operators: readonly Operator[], operator: Operator): boolean {
  return operator.op === 'join' && operator.key !== undefined && operators[operator.other]?.op !== 'globalTable'
}
