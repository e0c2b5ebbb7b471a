import type { Operator } from './case.ts'
import { windowOf } from './results.ts'

/** Defects of Kafka Streams that java/Mended.java takes away, so that what it tells without them can be asked for. */
interface Mend {
  readonly name: string
  /** The words of not-supported.md that say so. */
  readonly references: readonly string[]
  /** Whether an operator has them. */
  isOf(operator: Operator): boolean
}

export const mends: readonly Mend[] = [
  {
    name: 'final windows that are lost or closed early',
    references: ["windows lost by `emit: 'final'` after a jump in time", 'sessions closed 1 ms early'],
    isOf: (one) => one.op === 'aggregate' && one.emit === 'final',
  },
  {
    name: 'sliding windows that are told twice or forgotten',
    references: [
      'a sliding window that is told twice, where a record lies at its end',
      'a sliding window that its store forgets a moment early',
    ],
    isOf: (one) => windowOf(one)?.type === 'sliding',
  },
  {
    name: 'sessions that are closed early or counted twice',
    references: ['sessions closed 1 ms early', 'a session of one moment that another record of that moment changes'],
    isOf: (one) => windowOf(one)?.type === 'session',
  },
]

/** What may be mended in what the operators make; undefined where nothing is. */
export function nameOfMends(operators: readonly Operator[]): string | undefined {
  const names = mends.filter((mend) => operators.some((one) => mend.isOf(one))).map(({ name }) => name)
  return names.length === 0 ? undefined : names.join(' or ')
}
