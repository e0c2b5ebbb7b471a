import { type SourceFile, targetOf } from './source-files.ts'

/**
 * Cycles among the imports that exist at run time, where the order of evaluation decides what is defined. Imports of
 * types alone vanish, and a dynamic import waits until everything is there.
 *
 * @param withTypes counts imports of types alone as well
 * @param mayCircle says which of those do not count
 */
export function importCycles(
  files: SourceFile[],
  withTypes = false,
  mayCircle: (from: string, to: string) => boolean = () => false,
): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const finished = new Set<string>()
  const cycles: string[] = []

  const follow = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      cycles.push([...trail.slice(start), path].join(' → '))
      return
    }
    const file = byPath.get(path)
    if (!file || finished.has(path)) return
    for (const one of file.imports) {
      const target = (one.typeOnly && !withTypes) || one.dynamic ? undefined : targetOf(file, one)
      if (target && !(one.typeOnly && mayCircle(path, target))) follow(target, [...trail, path])
    }
    finished.add(path)
  }

  for (const { path } of files) follow(path, [])
  return cycles
}
