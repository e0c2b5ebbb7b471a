import type { Operator } from './case.ts'

/** The operators that what is written to a topic has gone through, the last of them first. */
export function upstreamOf(operators: readonly Operator[], topic: string): Operator[] {
  const seen = new Set<number>()
  const visit = (index: number): void => {
    if (seen.has(index)) return
    seen.add(index)
    for (const input of inputsOf(operators[index] as Operator)) visit(input)
  }
  for (const [index, one] of operators.entries()) if (one.op === 'to' && one.topic === topic) visit(index)
  return [...seen].map((index) => operators[index] as Operator)
}

/** The operators that one is given, by their index. */
export function inputsOf(operator: Operator): number[] {
  if (!('from' in operator)) return []
  return 'other' in operator ? [operator.from, operator.other] : [operator.from]
}

/** Whether an operator is given what another one has made. */
export function isBehind(operators: readonly Operator[], operator: Operator, first: Operator): boolean {
  return inputsOf(operator).some((index) => {
    const input = operators[index] as Operator
    return input === first || isBehind(operators, input, first)
  })
}
