import { type Figures, figure, type Target } from './comparison.ts'

type Judged = Pick<Target, 'judgedBy' | 'judge' | 'unit' | 'bound'>

/** Ours does so many times as much in the same time as the best of the others. */
export function timesAsFast(name = 'recordsPerSecond', words = 'records/s'): Judged {
  return {
    judgedBy: `${words}, ours over theirs`,
    judge: (ours, others) => figure(ours, name) / Math.max(...others.map((other) => figure(other, name))),
    unit: '×',
    bound: 'at least',
  }
}

/** Ours does so many times as much with the same time of a processor as the best of the others. */
export function timesAsCheap(name = 'cpuUs', words = 'CPU time a record'): Judged {
  return {
    judgedBy: `${words}, theirs over ours`,
    judge: (ours, others) => Math.min(...others.map((other) => figure(other, name))) / figure(ours, name),
    unit: '×',
    bound: 'at least',
  }
}

/** Ours takes so many times as much as the best of the others. */
export function timesTheCost(name = 'cpuUs', words = 'CPU time a record'): Judged {
  return {
    judgedBy: `${words}, ours over theirs`,
    judge: (ours, others) => figure(ours, name) / Math.min(...others.map((other) => figure(other, name))),
    unit: '×',
    bound: 'at most',
  }
}

/** By itself, or beyond what the other one takes. */
export function amount(name: string, unit: Target['unit'], words: string): Judged {
  return {
    judgedBy: words,
    judge: (ours: Figures, others) => figure(ours, name) - others.reduce((sum, other) => sum + figure(other, name), 0),
    unit,
    bound: 'at most',
  }
}
