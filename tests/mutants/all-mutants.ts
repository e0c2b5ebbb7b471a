import { brokerMutants } from './broker.ts'
import type { Mutant } from './mutant.ts'

export const allMutants: readonly Mutant[] = [...brokerMutants]
