import type { Churn } from '../../simulation/history/churn.ts'
import { type Report, seedsText } from '../report.ts'
import type { Row, RowRun } from './row.ts'
import { endedWithoutReport } from './run-part.ts'
import { script } from './script.ts'

export const simulation: Row = {
  name: 'simulation',
  gate: 'Deterministic simulation and checker, seeds',
  full: { text: '20,000 seeds', atLeast: { seeds: 20_000 } },
  ci: { text: '500 seeds', atLeast: { seeds: 500 } },
  figures: ['seeds', 'operations', 'faults', 'kinds of faults'],
  shows:
    'Clients, transports, engine and storage run on one virtual clock, with chance from one seed: requests are ' +
    'lost, repeated, late and refused, processes and disks fail, clocks jump. A checker reads the history of all ' +
    "operations and looks for every anomaly of Kafka's guarantees. What is simulated is our model of networks and " +
    'disks; the rows on real processes are its counterpart.',
  script: 'simulate',
  run: (run) => simulated(run, { full: 20_000, ci: 500 }),
}

export const simulatedJournal: Row = {
  name: 'simulation-journal',
  gate: 'The same simulation over the journal on a simulated disk, seeds',
  full: { text: '2,000 seeds', atLeast: { seeds: 2000 } },
  ci: { text: '40 seeds', atLeast: { seeds: 40 } },
  figures: ['seeds', 'operations', 'faults', 'kinds of faults'],
  shows:
    'The simulation over the real journal, in files of a few KB that are begun, cleaned and removed all the time, ' +
    'on a disk that loses, tears and keeps what was not synced when the power fails. Whatever the journal holds ' +
    'after a crash is compared with everything that it was given, and the checker judges what clients saw.',
  script: 'simulate',
  run: (run) => simulated(run, { full: 2000, ci: 40 }, '--storage', 'journal'),
}

export const simulatedChurn: Row = {
  name: 'churn-simulated',
  gate: 'Group churn, simulated',
  full: { text: '10,000 events', atLeast: { 'joins and ends': 10_000 } },
  ci: { text: '500 events', atLeast: { 'joins and ends': 500 } },
  figures: ['joins and ends', 'members killed', 'members stalled'],
  shows:
    'The scenario of the simulation in which members of a group come, leave, crash and stall all the time, judged ' +
    'by the same checker: never two owners of a partition, commits of what is owned and processed alone, every ' +
    'record processed. Time is simulated, so it says nothing of real scheduling: the next row does.',
  script: 'simulate',
  run: (run) => simulated(run, { full: 900, ci: 45 }, '--scenario', 'churn'),
}

async function simulated(
  { size, seeds, collect }: RowRun,
  mostSeeds: Record<RowRun['size'], number>,
  ...words: readonly string[]
): Promise<Report> {
  const { first, last } = seeds ?? { first: 1, last: mostSeeds[size] }
  const range = ['--seeds', `${first}-${last}`, '--jobs', '2']
  const text = await collect((file) => script('simulate', ...range, ...words, '--json', file))
  return text === undefined ? endedWithoutReport('the simulation') : simulationReport(text)
}

/** What `npm run simulate` writes, as far as it matters here. */
interface SimulationJson {
  readonly from: number
  readonly to: number
  readonly failed: readonly number[]
  readonly seeds: number
  readonly violations: number
  readonly operations: number
  readonly virtualMs: number
  readonly faults: Readonly<Record<string, number>>
  readonly churn: Readonly<Churn>
}

export function simulationReport(text: string): Report {
  const { from, to, failed, seeds, violations, operations, virtualMs, faults, churn } = JSON.parse(
    text,
  ) as SimulationJson
  return {
    seeds: seedsText({ first: from, last: to }),
    counts: {
      seeds,
      operations,
      faults: sum(Object.values(faults)),
      'kinds of faults': Object.keys(faults).length,
      'joins and ends': churn.joins + churn.leaves + churn.kills,
      'members killed': churn.kills,
      'members stalled': churn.stalls,
      'hours of virtual time': Math.round(virtualMs / 3_600_000),
    },
    violations: violations === 0 ? [] : [`${violations} violations; failed seeds: ${failed.join(', ')}`],
    ...(failed.length === 0 ? {} : { failedSeeds: failed }),
    details: {},
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
