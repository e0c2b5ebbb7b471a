import type { Rooms } from '../rooms.ts'

export const coreRooms: Rooms = [
  ['index.ts', 'internal.ts', 'internal-answers.ts', 'internal-node.ts'],
  ['http/'],
  ['requests/'],
  ['requests/splitting/', 'requests/checking/'],
  ['retry/'],
  ['transport/'],
  ['protocol/'],
  ['record/'],
  ['serialization/'],
  ['batch/'],
  ['batch/compression/'],
  ['batch/format/'],
  ['schema/'],
  ['runtime/'],
  ['config/'],
  ['errors/'],
]
