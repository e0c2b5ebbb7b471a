import { median, rounds } from '../median.ts'
import type { Scenario } from './scenarios.ts'
import type { ProcessSpent } from './spending.ts'

interface Middle {
  readonly name: string
  readonly recordsPerSecond: number
  /** Of the client's process, in seconds for a million records. */
  readonly cpuSeconds: number
}

const ours = 'kafkado'
/** One line a client: how fast it is and what it takes of the processor, and how many times as good ours is. */
export function printScenario(
  { name: title }: Scenario,
  results: ReadonlyMap<string, readonly ProcessSpent[]>,
  records: number,
): void {
  const all = [...results].map(([name, measurements]): Middle => ({
    name,
    recordsPerSecond: median(measurements.map(({ seconds }) => records / seconds)),
    cpuSeconds: median(measurements.map(({ cpuSeconds }) => cpuSeconds)) * (1e6 / records),
  }))
  const mine = all.find(({ name }) => name === ours)
  const others = all.filter((one) => one !== mine)
  console.log(`\n${title}, ${records} records (medians of ${rounds} interleaved rounds)`)
  printRow('', 'records/s', 'ours', 'CPU s a million', 'ours')
  for (const { name, recordsPerSecond, cpuSeconds } of all) {
    const isOther = mine !== undefined && name !== ours
    printRow(
      name,
      `${Math.round(recordsPerSecond / 1000)}k`,
      isOther ? times(mine.recordsPerSecond / recordsPerSecond) : '',
      cpuSeconds.toFixed(2),
      isOther ? times(cpuSeconds / mine.cpuSeconds) : '',
    )
  }
  if (!mine || others.length === 0) return
  const faster = mine.recordsPerSecond / Math.max(...others.map(({ recordsPerSecond }) => recordsPerSecond))
  const cheaper = Math.min(...others.map(({ cpuSeconds }) => cpuSeconds)) / mine.cpuSeconds
  console.log(`  ours to the best: records/s ${times(faster)}, records a CPU second ${times(cheaper)}`)
}

function printRow(name: string, ...columns: readonly string[]): void {
  console.log(`  ${name.padEnd(24)}${columns.map((column) => column.padStart(17)).join('')}`.trimEnd())
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`
}
