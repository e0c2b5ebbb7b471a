import { brokerGroupsMutants } from './broker-groups.ts'
import { consumerCommitsMutants } from './consumer-commits.ts'
import type { Mutant } from './mutant.ts'

/**
 * Mutants that other gates catch as well. Here the simulation has to tell them, which shows that its worlds, its
 * witnesses and its checker are awake: without that, no violations in thousands of seeds would mean nothing.
 */
export const simulationMutants: readonly Mutant[] = [
  toldBySeed(1, brokerGroupsMutants, 'two-owners'),
  toldBySeed(3, brokerGroupsMutants, 'commit-of-a-stranger'),
  toldBySeed(3, consumerCommitsMutants, 'given-up-commit-failed'),
]

/** @throws Error when there is no such mutant */
function toldBySeed(seed: number, mutants: readonly Mutant[], name: string): Mutant {
  const mutant = mutants.find((one) => one.name === name)
  if (!mutant) throw new Error(`there is no mutant ${name} that the simulation could tell`)
  const gate = { file: 'tests/simulation/planted-faults.test.ts', tests: `of seed ${seed}$` }
  return { ...mutant, name: `${name}-told-by-the-simulation`, gate }
}
