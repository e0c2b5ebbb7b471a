import type { Rooms } from '../rooms.ts'

export const serverRooms: Rooms = [
  ['index.ts', 'internal.ts', 'node.ts'],
  ['node/', 'handler.ts'],
  ['gateway.ts'],
  ['routes/'],
  ['call/'],
  ['auth/'],
  ['exchange/'],
  ['audit/'],
  ['log.ts'],
]
