import { type Clock, systemClock } from './clock.ts'
import { type Random, systemRandom } from './random.ts'

/** The clock and randomness that every layer receives. */
export interface Runtime {
  readonly clock: Clock
  readonly random: Random
}

/** The machine's own clock and randomness: the default everywhere. */
export const systemRuntime: Runtime = { clock: systemClock, random: systemRandom }
