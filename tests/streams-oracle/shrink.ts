import type { Case, CaseInput, Operator } from './case.ts'
import { inputsOf } from './upstream.ts'

/**
 * Makes a case smaller for as long as it stays wrong: fewer outputs, operators and records, and simpler ones.
 *
 * @param areWrong tells of several cases which are; those that make no sense are not
 */
export async function shrink(found: Case, areWrong: (cases: readonly Case[]) => Promise<boolean[]>): Promise<Case> {
  let smallest = found
  for (;;) {
    const before = smallest
    for (const candidatesOf of [withoutOperators, withoutManyInputs, withoutInputs, withSimplerInputs]) {
      smallest = await firstWrong(smallest, candidatesOf, areWrong)
    }
    if (smallest === before) return smallest
  }
}

const atOnce = 12

/** Takes candidates for as long as one of them is wrong. */
async function firstWrong(
  one: Case,
  candidatesOf: (one: Case) => Case[],
  areWrong: (cases: readonly Case[]) => Promise<boolean[]>,
): Promise<Case> {
  let smallest = one
  let candidates = candidatesOf(smallest)
  for (let start = 0; start < candidates.length;) {
    const tried = candidates.slice(start, start + atOnce)
    const index = (await areWrong(tried)).indexOf(true)
    if (index < 0) {
      start += atOnce
      continue
    }
    smallest = tried[index] as Case
    const fewer = candidatesOf(smallest)
    // What was tried in vain before would most likely be in vain again; the next round comes back to it.
    start = candidates.length === fewer.length ? start + index + 1 : Math.min(start + index, fewer.length)
    candidates = fewer
  }
  return smallest
}

function withoutOperators(one: Case): Case[] {
  return one.operators.flatMap((operator, index) => {
    if (operator.op === 'to') return [withOperators(one, one.operators, index)]
    return inputsOf(operator).map((instead) => withOperators(one, rewired(one.operators, index, instead)))
  })
}

/** Inputs of topics that nothing reads any more go as well. */
function withOperators(one: Case, operators: readonly Operator[], output?: number): Case {
  const left = pruned(operators, output)
  const topics = new Set(left.flatMap((operator) => ('topic' in operator ? [operator.topic] : [])))
  return {
    ...one,
    operators: left,
    inputs: one.inputs.filter((input) => 'advance' in input || topics.has(input.topic)),
  }
}

/** Those that were given what one made are given what that was given. */
function rewired(operators: readonly Operator[], index: number, instead: number): Operator[] {
  const moved = (to: number): number => (to === index ? instead : to)
  return operators.map((one) => {
    if (!('from' in one)) return one
    return { ...one, from: moved(one.from), ...('other' in one ? { other: moved(one.other) } : {}) }
  })
}

/** Without one output, and operators of which nothing is written. */
function pruned(operators: readonly Operator[], output: number | undefined): Operator[] {
  const used = new Set<number>()
  for (const [index, one] of [...operators.entries()].reverse()) {
    if (one.op === 'to' ? index === output : !used.has(index)) continue
    used.add(index)
    for (const input of inputsOf(one)) used.add(input)
  }
  const kept = [...operators.keys()].filter((index) => used.has(index))
  const place = new Map(kept.map((index, at) => [index, at]))
  const moved = (index: number): number => place.get(index) as number
  return kept.map((index) => {
    const one = operators[index] as Operator
    if (!('from' in one)) return one
    return { ...one, from: moved(one.from), ...('other' in one ? { other: moved(one.other) } : {}) }
  })
}

function withInputs(one: Case, inputs: readonly CaseInput[]): Case {
  return { ...one, inputs }
}

function withoutManyInputs(one: Case): Case[] {
  const { length } = one.inputs
  const sizes = [Math.ceil(length / 2), Math.ceil(length / 4)].filter((size) => size > 1)
  return sizes.flatMap((size) =>
    Array.from({ length: Math.ceil(length / size) }, (_, part) =>
      withInputs(one, [...one.inputs.slice(0, part * size), ...one.inputs.slice((part + 1) * size)]),
    ),
  )
}

function withoutInputs(one: Case): Case[] {
  return one.inputs
    .map((_, index) =>
      withInputs(
        one,
        one.inputs.filter((_input, place) => place !== index),
      ),
    )
    .reverse()
}

function withSimplerInputs(one: Case): Case[] {
  return one.inputs.flatMap((input, index) => {
    if ('advance' in input) return []
    const { header, ...plain } = input
    const simpler: CaseInput[] = [
      ...(header === undefined ? [] : [plain]),
      ...(input.value === 'a1' ? [] : [{ ...input, value: 'a1' }]),
      ...(input.key === 'k0' ? [] : [{ ...input, key: 'k0' }]),
      ...(input.ts > 1e6 ? [{ ...input, ts: 0 }] : []),
    ]
    return simpler.map((other) =>
      withInputs(
        one,
        one.inputs.map((given, place) => (place === index ? other : given)),
      ),
    )
  })
}
