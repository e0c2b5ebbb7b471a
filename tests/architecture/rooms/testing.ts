import type { Rooms } from '../rooms.ts'

export const testingRooms: Rooms = [
  ['index.ts', 'conformance/index.ts', 'streams/index.ts'],
  ['mock-kafka.ts', 'conformance/transport-conformance.ts', 'conformance/storage-conformance.ts'],
  ['conformance/transport/', 'conformance/storage/', 'streams/', 'faults.ts', 'record-mirror.ts'],
  ['operation-name.ts'],
]
