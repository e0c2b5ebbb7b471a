import { packageOf } from './layers.ts'
import { type SourceFile, targetOf } from './source-files.ts'

/** What tests use whatever they are about: it is in none of the packages that a test at the root brings together. */
const tools: ReadonlySet<string> = new Set(['core', 'testing'])

/** Tests at the root that ask one package alone, by how their paths begin: what they need besides is no package. */
export const askingOnePackage: Readonly<Record<string, string>> = {
  'tests/cli/': 'the command line as a process',
  'tests/durability/': 'processes that are killed, and what a power cut leaves of a disk',
  'tests/errors/': 'the error classes of all packages, which are found by their files',
  'tests/interop/': "Apache Kafka's own library",
  'tests/processes/': 'what tests start processes by',
  'tests/reliability/': 'the scorecard itself',
  'tests/simulation/': 'the parts of the simulation itself',
  'tests/soak/': 'a day of records',
  'tests/storage-conformance.test.ts': 'every storage there is',
}

/** What tests of packages may use of the root: places where clients run, links that fail, clocks, processes. */
export const sharedWithPackages: ReadonlySet<string> = new Set([
  'tests/clients/client-places.ts',
  'tests/clients/unreliable-link.ts',
  'tests/durability/journal/simulated-folder.ts',
  'tests/passing-time.ts',
  'tests/processes/child-processes.ts',
  'tests/streams/examples/api-examples.ts',
  'tests/vectors/no-transport.ts',
])

/**
 * The package whose promise alone a test at the root can be about, so that it belongs beside it; undefined where it
 * brings several together, or none. `kafkado` stands for several: what of it a test promises is its author's to say.
 */
export function onlyPackageOf(test: SourceFile, files: ReadonlyMap<string, SourceFile>): string | undefined {
  const asked = packagesAsked(test, files)
  const others = [...asked].filter((name) => !tools.has(name))
  if (others.length > 1 || asked.has('kafkado')) return undefined
  return others[0] ?? ['testing', 'core'].find((name) => asked.has(name))
}

/** Those that the file and what it imports from the tests at the root ask. */
function packagesAsked(
  file: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
  seen = new Set<SourceFile>(),
): Set<string> {
  if (seen.has(file)) return new Set()
  seen.add(file)
  const asked = file.imports.flatMap((one) => {
    const target = targetOf(file, one)
    const beside = target && /^packages\/([^/]+)\//.exec(target)?.[1]
    const local = target === undefined ? undefined : files.get(target)
    if (local && !beside) return [...packagesAsked(local, files, seen)]
    return beside ?? packageOf(one.specifier) ?? []
  })
  return new Set(asked)
}

/** What the tests of a package take from elsewhere than its folder, other packages by their names, and what is shared. */
export function takenFromElsewhere(file: SourceFile): string[] {
  const own = /^packages\/[^/]+\//.exec(file.path)?.[0] ?? ''
  return file.imports
    .flatMap((one) => targetOf(file, one) ?? [])
    .filter((target) => !target.startsWith(own) && !sharedWithPackages.has(target))
}
