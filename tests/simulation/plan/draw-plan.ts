import { faultKinds, type FaultRates, noFaults } from '../world/faults.ts'
import { seedOf } from '../world/seeds.ts'
import { Draw } from './draw.ts'
import { drawClockRate } from './draw-clients.ts'
import type { Plan, ServerPlan, StorageModel } from './plan.ts'
import { scenarios } from './scenarios.ts'

/** The plan that follows from a seed; of a scenario, or of any. */
export function planOf(seed: number, scenario?: string, storage: StorageModel = 'model'): Plan {
  const draw = new Draw(seedOf(seed, 'plan'))
  const names = Object.keys(scenarios)
  const drawn = draw.one(...names)
  const name = scenario ?? drawn
  const make = scenarios[name]
  if (!make) throw new Error(`no scenario ${name}: there are ${names.join(', ')}`)
  const healMs = draw.whole(8000, 25_000)
  const server = drawServer(draw, storage)
  return {
    seed,
    scenario: name,
    server,
    rates: drawRates(draw),
    longestDelayMs: draw.one(100, 1000, 3000, 8000),
    spared: [],
    healMs,
    ...make(draw, { healMs, sessionTimeoutMs: server.sessionTimeoutMs }),
  }
}

/** A seventh of all worlds has a network without faults, so that what else happens is seen alone. */
function drawRates(draw: Draw): FaultRates {
  if (draw.chance(1 / 7)) return noFaults
  const most = draw.one(0.01, 0.03, 0.08)
  return Object.fromEntries(
    faultKinds.map((kind) => [kind, draw.chance(0.3) ? 0 : draw.between(0, most)]),
  ) as FaultRates
}

function drawServer(draw: Draw, storage: StorageModel): ServerPlan {
  return {
    storage,
    syncMs: draw.one(0, 2, 10, 50),
    isSeenAtOnce: draw.chance(0.5),
    sessionTimeoutMs: draw.one(3000, 6000, 10_000),
    heartbeatIntervalMs: draw.one(500, 1000),
    cleanupIntervalMs: draw.one(1000, 5000),
    maxPartitions: draw.one(2, 1000),
    maxRequestsInFlight: draw.one(3, 2000),
    clockRate: drawClockRate(draw),
  }
}
