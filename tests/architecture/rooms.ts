import { adminRooms } from './rooms/admin.ts'
import { clientRooms } from './rooms/client.ts'
import { consumerRooms } from './rooms/consumer.ts'
import { coreRooms } from './rooms/core.ts'
import { engineRooms } from './rooms/engine.ts'
import { kafkadoRooms } from './rooms/kafkado.ts'
import { messagesRooms } from './rooms/messages.ts'
import { producerRooms } from './rooms/producer.ts'
import { serverRooms } from './rooms/server.ts'
import { streamsRooms } from './rooms/streams.ts'
import { testingRooms } from './rooms/testing.ts'
import { wireRooms } from './rooms/wire.ts'
import { type SourceFile, targetOf } from './source-files.ts'

/**
 * The rooms of a package from the top down, by how the paths of their files begin: each may import from those below it.
 */
export type Rooms = readonly (readonly string[])[]

/** The packages whose rooms have an order. */
const packages: Readonly<Record<string, Rooms>> = {
  admin: adminRooms,
  broker: engineRooms,
  client: clientRooms,
  consumer: consumerRooms,
  core: coreRooms,
  kafkado: kafkadoRooms,
  messages: messagesRooms,
  producer: producerRooms,
  server: serverRooms,
  streams: streamsRooms,
  testing: testingRooms,
  wire: wireRooms,
}

/** The packages in which no imports go round in a circle, those of types as well. */
export const withoutTypeCycles: ReadonlySet<string> = new Set([
  'admin',
  'broker',
  'client',
  'consumer',
  'core',
  'kafkado',
  'messages',
  'producer',
  'server',
  'streams',
  'testing',
  'wire',
])

/**
 * The classes of the operators of streams: each gives others, such as `stream.toTable()` and `table.toStream()`, so
 * their types go round. What they work with, and all else, does not.
 */
export const classesOfOperators: ReadonlySet<string> = new Set(
  [
    'dsl',
    'joins/joined-stream',
    'stream/cogrouped-stream',
    'stream/grouped-stream',
    'stream/joinable-stream',
    'stream/stream',
    'table/grouped-table',
    'table/table',
    'windowed/windowed-stream',
    'windowed/windowed-table',
  ].map((name) => `packages/streams/src/dsl/${name}.ts`),
)

/** Imports that run upward, those of types as well: then what is above could not be changed or understood by itself. */
export function upwardImports(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const rooms = packages[packageOfFile(file.path)]
    if (!rooms) return []
    const floor = floorOf(rooms, file.path)
    return file.imports
      .flatMap((one) => targetOf(file, one) ?? [])
      .filter((target) => floorOf(rooms, target) < floor)
      .map((target) => `${file.path} → ${target}`)
  })
}

function packageOfFile(path: string): string {
  return /^packages\/([^/]+)\/src\//.exec(path)?.[1] ?? ''
}

/** Counted from the top. The longest beginning decides. */
function floorOf(rooms: Rooms, path: string): number {
  const own = path.replace(/^packages\/[^/]+\/src\//, '')
  const found = rooms
    .flatMap((beginnings, floor) => beginnings.map((beginning) => ({ beginning, floor })))
    .filter(({ beginning }) => own.startsWith(beginning))
    .sort((left, right) => right.beginning.length - left.beginning.length)[0]
  if (!found)
    throw new Error(`${path} has no place among the rooms: add it to tests/architecture/rooms/ and to ARCHITECTURE.md`)
  return found.floor
}
