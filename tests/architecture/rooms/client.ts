import type { Rooms } from '../rooms.ts'

export const clientRooms: Rooms = [
  ['index.ts'],
  ['kafka-client.ts'],
  ['shared-producers.ts', 'transactional-producers.ts'],
]
