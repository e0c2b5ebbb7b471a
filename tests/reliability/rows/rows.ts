import { conformance } from './conformance.ts'
import { fuzzing, mutants } from './other-tools.ts'
import { churn, crashPoints, exactlyOnce, kills, sameSeed, soak, storageDay, threeServers } from './own-parts.ts'
import type { Row } from './row.ts'
import { simulatedChurn, simulatedJournal, simulation } from './simulation.ts'

const security: Row = {
  name: 'security',
  gate: 'Security negatives (keys, scopes, limits, malformed, smuggled, traversal, pollution, starvation)',
  full: { text: '250 cases', atLeast: { cases: 250 } },
  ci: { text: '250 cases', atLeast: { cases: 250 } },
  figures: ['cases'],
  shows: 'There is no such suite yet, so nothing is claimed here. Single cases are among the tests of the server.',
  run: undefined,
}

/** The scorecard, in its order. */
export const rows: readonly Row[] = [
  conformance,
  simulation,
  simulatedJournal,
  sameSeed,
  kills,
  crashPoints,
  exactlyOnce,
  simulatedChurn,
  churn,
  threeServers,
  soak,
  storageDay,
  fuzzing,
  security,
  mutants,
]
