import type { Rooms } from '../rooms.ts'

export const adminRooms: Rooms = [
  ['index.ts'],
  ['admin.ts'],
  ['groups/'],
  ['topics/'],
  ['transactions/'],
  ['admin-arguments.ts', 'find-topic.ts', 'partition-offsets.ts'],
]
