import { fileURLToPath } from 'node:url'
import { paced } from '../../pace.ts'
import type { Comparison, Target } from '../comparison.ts'
import { amount, timesAsCheap } from '../judges.ts'
import { onceAProcess } from '../side-process.ts'

const script = fileURLToPath(new URL('../../growth/measure-step.ts', import.meta.url))

/** The ends of two curves of `npm run bench -- growth`. */
export const growth: readonly Comparison[] = [
  compare('partitions', 1, 10_000, [
    flat('partitions-produce', 'produce to 10,000 partitions', 'produce a record'),
    flat('partitions-consume', 'consume 10,000 partitions', 'consume a record'),
    {
      name: 'memory-partition',
      what: 'memory of a partition',
      ours: '10,000 partitions',
      against: [],
      ...amount('kilobytes', 'KB', 'KB each'),
      judge: (ours) => (ours['memory of a partition'] ?? Number.NaN) / 1000,
      target: 2,
    },
  ]),
  compare('groups', 10, 3000, [flat('groups', '3,000 groups at a time', 'join, read, commit and leave')]),
]

function flat(name: string, what: string, figure: string): Omit<Target, 'ours' | 'against'> {
  return { name, what, ...timesAsCheap(figure, `CPU time to ${figure}`), target: 0.8 }
}

function compare(
  dimension: string,
  few: number,
  many: number,
  targets: readonly (Omit<Target, 'ours' | 'against'> & Partial<Target>)[],
): Comparison {
  const named = (size: number): string => `${size.toLocaleString('en')} ${dimension}`
  return {
    name: `growth-${dimension}`,
    targets: targets.map((target) => ({ ours: named(many), against: [named(few)], ...target })),
    settings:
      `${named(many)} against ${named(few)}: client and engine in one process, in memory, ` + 'records spread evenly.',
    warmUp: 'the smallest size once in each process',
    open: async (pace) => ({
      sides: [many, few].map((size) =>
        onceAProcess({ name: named(size) }, script, [dimension, String(size)], {
          // Whole turns of what may be unacknowledged.
          KAFKADO_BENCH_RECORDS: String(paced(200_000, pace, 20_000)),
        }),
      ),
    }),
  }
}
