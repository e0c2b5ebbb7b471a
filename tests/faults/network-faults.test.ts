import { expect, it } from 'vitest'
import { FaultyNetworkRun } from './faulty-network-run.ts'

/** More where time does not matter. */
const runs = Number(process.env['KAFKADO_FAULT_RUNS'] ?? (process.env['CI'] ? 300 : 100))
const firstSeed = Number(process.env['KAFKADO_FAULT_SEED'] ?? 1)

it(
  `what a producer over HTTP is told is so, on a network that loses, delays, repeats and cuts: seeds ${firstSeed} to ${firstSeed + runs - 1}`,
  { timeout: 20_000 + runs * 2000 },
  async () => {
    const outcomes = { waiting: 0, delivered: 0, failed: 0, unknown: 0 }
    let faults = 0
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const run = new FaultyNetworkRun(seed)
      await run.run()
      expect(run.violations, `seed ${seed}`).toEqual([])
      faults += run.faults
      for (const [outcome, count] of Object.entries(run.outcomes)) outcomes[outcome as keyof typeof outcomes] += count
    }
    // Otherwise nothing was tried.
    expect(faults / runs).toBeGreaterThan(15)
    expect(outcomes).toMatchObject({ waiting: 0 })
    expect(outcomes.delivered / runs).toBeGreaterThan(80)
    expect(outcomes.unknown).toBeGreaterThan(runs / 4)
  },
)
