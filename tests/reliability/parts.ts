import { realChurn } from '../churn/real-churn.ts'
import { crashPoints } from '../durability/crash-points.ts'
import { killRun } from '../durability/kill-run.ts'
import { killedCopy } from '../exactly-once/killed-copy.ts'
import { hostileLoad } from '../security/hostile-load/hostile-load.ts'
import { soak } from '../soak/soak.ts'
import { storageDay } from '../soak/storage-day.ts'
import { threeServers } from '../three-servers/three-servers.ts'
import type { Part } from './report.ts'
import { sameSeed } from './same-seed.ts'

/** The parts that are run in a process of their own, by the names of their rows. */
export const parts = {
  'same-seed': sameSeed,
  kills: killRun,
  'crash-points': crashPoints,
  'exactly-once': killedCopy,
  churn: realChurn,
  'three-servers': threeServers,
  soak,
  'hostile-load': hostileLoad,
  'storage-day': storageDay,
} satisfies Record<string, Part>

export type PartName = keyof typeof parts
