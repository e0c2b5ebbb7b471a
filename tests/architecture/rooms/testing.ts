import type { Rooms } from '../rooms.ts'

export const testingRooms: Rooms = [
  ['index.ts', 'conformance/index.ts', 'streams/index.ts', 'matchers/index.ts'],
  ['matchers/kafka-matchers.ts'],
  ['matchers/'],
  ['matchers/matcher-context.ts'],
  ['mock-kafka.ts', 'conformance/transport-conformance.ts', 'conformance/storage-conformance.ts'],
  ['conformance/transport/'],
  [
    'conformance/transport/harness/',
    'conformance/storage/',
    'streams/',
    'faults.ts',
    'record-mirror.ts',
    'wait-for-messages.ts',
    'released-clock.ts',
  ],
  ['operation-name.ts', 'topic-mirror.ts', 'messages-in-words.ts'],
]
