import type { Results, Run } from './results.ts'

/** Where, when and on which commit the figures were measured, and what else the machine had to do. */
export function machines({ rows, growth }: Results): string {
  const runs = [...Object.values(rows), ...Object.values(growth)].map(({ run }) => run)
  if (runs.length === 0) return 'Nothing was measured yet.'
  const byMachine = Map.groupBy(runs, ({ machine }) => machine)
  return [...byMachine].map(([machine, there]) => `- ${machine}. ${whenText(there)} ${loadText(there)}`).join('\n')
}

function whenText(runs: readonly Run[]): string {
  const of = (value: (run: Run) => string): string => [...new Set(runs.map(value))].toSorted().join(', ')
  const quick = runs.filter(({ isQuick }) => isQuick).length
  const rounds = quick === 0 ? '' : ` ${quick} of ${runs.length} figures come from short rounds (\`--quick\`).`
  return `Measured on ${of(({ date }) => date)}, commit ${of(({ commit }) => commit)}.${rounds}`
}

function loadText(runs: readonly Run[]): string {
  const loads = runs.flatMap(({ loadPerCore: { before, after } }) => [before, after])
  const [least, most] = [Math.min(...loads), Math.max(...loads)]
  const idle = runs.every(({ loadPerCore }) => loadPerCore.before < 0.5)
  return idle
    ? 'The machine did nothing else.'
    : `**The machine had other work meanwhile**: ${least} to ${most} processes wanted to run on each core. ` +
        'Ratios bear that better than absolute figures; but hot code is compiled later then, for some sides more ' +
        'than for others, and latency says as much about the queue for a core. Measure on a quiet machine before ' +
        'you quote a figure.'
}
