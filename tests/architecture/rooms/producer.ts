import type { Rooms } from '../rooms.ts'

export const producerRooms: Rooms = [
  ['index.ts', 'internal.ts', 'create-', 'made-for-siblings.ts'],
  ['producer.ts'],
  ['transaction/'],
  ['write/'],
  ['send/'],
  ['settings/'],
  ['batch/'],
  ['record/'],
  ['delivery/'],
]
