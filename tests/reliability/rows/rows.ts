import { conformance } from './conformance.ts'
import { fuzzing, mutants, simulation } from './other-tools.ts'
import { ownParts } from './own-parts.ts'
import type { Row } from './row.ts'

const sameHash: Row = {
  name: 'same-seed',
  gate: 'Same seed twice, same history hash',
  full: { text: '200 seeds', atLeast: { seeds: 200 } },
  ci: { text: '10 seeds', atLeast: { seeds: 10 } },
  figures: ['seeds'],
  shows: 'A seed that fails can be looked at again: what happens follows from it alone.',
  script: 'simulate',
  run: undefined,
}

const security: Row = {
  name: 'security',
  gate: 'Security negatives (keys, scopes, limits, malformed, smuggled, traversal, pollution, starvation)',
  full: { text: '250 cases', atLeast: { cases: 250 } },
  ci: { text: '250 cases', atLeast: { cases: 250 } },
  figures: ['cases'],
  shows: 'There is no such suite yet, so nothing is claimed here. Single cases are among the tests of the server.',
  run: undefined,
}

/** The scorecard, in its order. */
export const rows: readonly Row[] = [conformance, simulation, sameHash, ...ownParts, fuzzing, security, mutants]
