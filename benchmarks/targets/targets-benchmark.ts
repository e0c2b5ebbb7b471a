import type { Pace } from '../pace.ts'
import { NotMeasurable } from './comparison.ts'
import { comparisons } from './comparisons.ts'
import { printRow, shown } from './print-row.ts'
import type { Row } from './row.ts'
import { runComparison } from './run-comparison.ts'

/**
 * The table of targets. `npm run bench -- targets NAME…` chooses rows by the beginnings of their names.
 *
 * @param keep is given the rows of each comparison, once they are measured
 */
export async function benchmarkTargets(
  names: readonly string[],
  pace: Pace,
  keep: (rows: readonly Row[]) => void = () => undefined,
): Promise<void> {
  const isChosen = (name: string): boolean => names.length === 0 || names.some((one) => name.startsWith(one))
  const unknown = names.filter((one) => !allNames().some((name) => name.startsWith(one)))
  if (unknown.length > 0)
    throw new Error(`there is no row '${unknown.join("', '")}'; choose from ${allNames().join(', ')}`)
  const rows: Row[] = []
  for (const comparison of comparisons) {
    const targets = comparison.targets.filter(({ name }) => isChosen(name))
    if (targets.length === 0) continue
    try {
      const found = await runComparison(comparison, targets, pace)
      for (const row of found) printRow(row)
      rows.push(...found)
      keep(found)
    } catch (error) {
      if (!(error instanceof NotMeasurable)) throw error
      console.log(`\n${targets.map(({ name }) => name).join(', ')}: NOT MEASURED, ${error.message}`)
      process.exitCode = 1
    }
  }
  printTable(rows)
}

function allNames(): string[] {
  return comparisons.flatMap(({ targets }) => targets.map(({ name }) => name))
}

function printTable(rows: readonly Row[]): void {
  if (rows.length < 2) return
  console.log(`\n${rows.filter(({ isMet }) => isMet).length} of ${rows.length} targets are met`)
  for (const { name, value, unit, bound, target, isMet } of rows)
    console.log(
      `  ${name.padEnd(28)} ${`${shown(value)} ${unit}`.padStart(12)}  ${`${bound} ${target}`.padStart(14)}  ` +
        (isMet ? 'met' : 'MISSED'),
    )
}
