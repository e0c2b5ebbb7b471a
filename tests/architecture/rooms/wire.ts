import type { Rooms } from '../rooms.ts'

export const wireRooms: Rooms = [
  ['index.ts', 'wire-transport.ts'],
  ['operations/'],
  ['cluster/'],
  ['connection/'],
  ['settings/'],
]
