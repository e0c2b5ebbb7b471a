import type { Rooms } from '../rooms.ts'

export const messagesRooms: Rooms = [
  ['index.ts'],
  ['apis/', 'consumer-protocol.ts', 'headers.ts'],
  ['api.ts', 'message.ts'],
  ['codec/'],
  ['fields/'],
]
