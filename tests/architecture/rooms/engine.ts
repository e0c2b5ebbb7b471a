import type { Rooms } from '../rooms.ts'

/** Of the package broker, which is the embedded engine. */
export const engineRooms: Rooms = [
  ['index.ts', 'disk.ts', 'disk.browser.ts', 'lmdb.ts', 'storage.ts'],
  ['embedded-transport.ts'],
  ['handlers/'],
  ['engine/'],
  ['transaction/'],
  ['group/'],
  ['group/assignors/'],
  ['fetch/'],
  ['topic/'],
  ['log/'],
  ['settings/'],
  ['folder/'],
  ['records/'],
  ['storage/journal/', 'storage/lmdb/'],
  ['storage/'],
  ['refusals/'],
]
