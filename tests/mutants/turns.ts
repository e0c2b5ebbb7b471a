import { createHash } from 'node:crypto'
import type { Mutant } from './mutant.ts'

/** In so many turns all of them are run, so that CI has time for other gates too. */
export const turns = 6

/**
 * The mutants whose turn it is. All of a gate have the same turn, as their gate is run without them once; and it
 * follows from the name of the gate alone, so that none is left out when others come between two turns.
 */
export function mutantsOfTurn(mutants: readonly Mutant[], turn: number): Mutant[] {
  return mutants.filter(({ gate }) => turnOf(gate.file) === turn % turns)
}

/** By a digest, which shares them out evenly: the names of many gates begin and end alike. */
function turnOf(file: string): number {
  return createHash('md5').update(file).digest().readUInt32BE() % turns
}
