import type { Rooms } from '../rooms.ts'

export const streamsRooms: Rooms = [
  ['index.ts', 'internal.ts', 'create-streams-builder.ts', 'worker-entry.node.ts'],
  ['dsl/'],
  ['app/'],
  ['app/queries/', 'platform.'],
  ['member/worker/'],
  ['member/'],
  ['member/session/'],
  ['member/turn/'],
  ['member/metrics/'],
  ['plan/'],
  ['task/'],
  ['task/changelog/'],
  ['task/output/'],
  ['task/errors/'],
  ['graph/'],
  ['processors/'],
  ['windows/'],
  ['state/'],
  ['settings/'],
  ['errors/'],
]
