import type { Rooms } from '../rooms.ts'

/** Of the package that has everything: what programs use, and the command line over it. */
export const kafkadoRooms: Rooms = [
  ['index.ts', 'internal.ts'],
  ['cli/main.ts', 'cli/run.ts', 'cli/program.ts'],
  ['cli/commands/'],
  ['cli/'],
  ['cli/records/', 'cli/bench/'],
  ['connect/'],
]
