import { expect, it } from 'vitest'
import { FaultyRun } from './faulty-run.ts'

/** More where time does not matter. */
const runs = Number(process.env['KAFKADO_FAULT_RUNS'] ?? (process.env['CI'] ? 500 : 60))
const firstSeed = Number(process.env['KAFKADO_FAULT_SEED'] ?? 1)

it(
  `idempotent produce is exactly once and in order, consume at least once: seeds ${firstSeed} to ${firstSeed + runs - 1}`,
  { timeout: runs * 2000 },
  async () => {
    let faults = 0
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const run = new FaultyRun(seed)
      await run.run()
      expect(run.violations, `seed ${seed}`).toEqual([])
      faults += run.faults
    }
    // Otherwise nothing was tried.
    expect(faults / runs).toBeGreaterThan(30)
  },
)
