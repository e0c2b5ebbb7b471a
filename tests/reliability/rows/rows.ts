import { conformance } from './conformance.ts'
import { fuzzing, mutants } from './other-tools.ts'
import { churn, crashPoints, exactlyOnce, kills, sameSeed, soak, storageDay, threeServers } from './own-parts.ts'
import type { Row } from './row.ts'
import { hostileLoad, security } from './security.ts'
import { simulatedChurn, simulatedJournal, simulation } from './simulation.ts'

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
  hostileLoad,
  mutants,
]
