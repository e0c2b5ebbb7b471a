import type { Rooms } from '../rooms.ts'

export const consumerRooms: Rooms = [
  ['index.ts', 'internal.ts', 'create-consumer.ts', 'made-for-siblings.ts', 'consumer.ts', 'partition-reader.ts'],
  ['parallel/'],
  ['read/'],
  ['session/'],
  ['fetch/'],
  ['commit/'],
  ['group/'],
  ['dead-letter/'],
  ['partition/'],
  ['settings/'],
]
