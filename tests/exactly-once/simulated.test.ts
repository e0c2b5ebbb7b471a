import { expect, it } from 'vitest'
import { Copier, transformed } from './copier.ts'
import { type LaunchProcess, records, Simulation } from './simulation.ts'

const runs = Number(process.env['KAFKADO_FAULT_RUNS'] ?? (process.env['CI'] ? 100 : 20))
const firstSeed = Number(process.env['KAFKADO_FAULT_SEED'] ?? 1)

const launch: LaunchProcess = (transport, id, runtime) => {
  const copier = new Copier(transport, id, runtime, 500)
  const running = copier.run()
  return {
    async close() {
      await copier.close()
      await running
    },
  }
}

it(
  `copies each record exactly once through kills, restarts and lost requests: seeds ${firstSeed} to ${firstSeed + runs - 1}`,
  { timeout: runs * 5000 },
  async () => {
    let kills = 0
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const simulation = new Simulation(seed, launch)
      await simulation.run()
      const found = (await simulation.outputs<string>()).map(({ value }) => value)
      await simulation.close()
      const expected = [...Array(records).keys()].map(transformed)
      expect(found.length, `seed ${seed}`).toBe(records)
      expect(new Set(found), `seed ${seed}`).toEqual(new Set(expected))
      kills += simulation.kills
    }
    expect(kills / runs).toBeGreaterThan(5)
  },
)
