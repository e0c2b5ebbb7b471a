import { type SourceFile, targetOf } from './source-files.ts'

const source = 'packages/streams/src/'

/** The rooms of the streams package from the top down, by how the paths of their files begin: each may import from those below it. */
const rooms: readonly (readonly string[])[] = [
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
  ['errors/', 'key-value.ts', 'streams-options.ts', 'unless-aborted.ts'],
]

/** The imports of the streams package, those of types as well, that run upward: then what is above could not be changed or understood by itself. */
export function upwardImports(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith(source))
    .flatMap((file) => {
      const floor = floorOf(file.path)
      return file.imports
        .flatMap((one) => targetOf(file, one) ?? [])
        .filter((target) => floorOf(target) < floor)
        .map((target) => `${file.path} → ${target}`)
    })
}

/** Counted from the top. The longest beginning decides. */
function floorOf(path: string): number {
  const own = path.slice(source.length)
  const found = rooms
    .flatMap((beginnings, floor) => beginnings.map((beginning) => ({ beginning, floor })))
    .filter(({ beginning }) => own.startsWith(beginning))
    .sort((left, right) => right.beginning.length - left.beginning.length)[0]
  if (!found) throw new Error(`${path} has no place among the rooms: add it here and to ARCHITECTURE.md`)
  return found.floor
}
