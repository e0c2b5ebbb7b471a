import { packagesAsked } from './asked-packages.ts'
import { mayImport } from './layers.ts'
import { type SourceFile, targetOf } from './source-files.ts'

/** What a test that asks one of them is about, before those that follow. Topics are made, and looked at, by admin. */
const clients: ReadonlySet<string> = new Set(['streams', 'producer', 'consumer'])
/** What clients are connected to. */
const others: ReadonlySet<string> = new Set(['broker', 'messages', 'wire', 'server'])
/** What all of them are made by, and nothing of a test that takes something else from them. */
const faces: ReadonlySet<string> = new Set(['client', 'kafkado'])
/** What tests use whatever they are about. */
const tools: ReadonlySet<string> = new Set(['core', 'testing'])

/** Tests at the root that ask one package alone, by how their paths begin: what they need besides is no package. */
export const askingOnePackage: Readonly<Record<string, string>> = {
  'tests/architecture.test.ts': 'the rules of all packages, whose names it looks for in what they offer',
  'tests/churn/': 'a group of processes that are killed',
  'tests/cli/': 'the command line as a process',
  'tests/durability/': 'processes that are killed, and what a power cut leaves of a disk',
  'tests/errors/': 'the error classes of all packages, which are found by their files',
  'tests/fuzz/': 'every decoder of every package',
  'tests/growth/': 'the work of all packages, counted in a process',
  'tests/interop/': "Apache Kafka's own library",
  'tests/kafka/': 'brokers of Apache Kafka',
  'tests/processes/': 'what tests start processes by',
  'tests/reliability/': 'the scorecard itself',
  'tests/simulation/': 'the parts of the simulation itself',
  'tests/soak/': 'a day of records',
  'tests/storage-conformance.test.ts': 'every storage there is',
  'tests/streams-oracle/': 'Kafka Streams, and a program: `npm run streams:oracle`',
  'tests/streams/kills/': 'members as processes that are killed',
  'tests/streams/oracle-operators.test.ts': 'what the oracle at the root generates',
  'tests/upgrade/': 'the folders of an engine together with the state of an application on it',
  'tests/vectors/': 'a program: `npm run vectors`',
}

/** What tests of packages may use of the root: places where clients run, links that fail, clocks, processes. */
export const sharedWithPackages: ReadonlySet<string> = new Set([
  'tests/clients/client-places.ts',
  'tests/clients/unreliable-link.ts',
  'tests/durability/journal/simulated-folder.ts',
  'tests/passing-time.ts',
  'tests/processes/child-processes.ts',
  'tests/vectors/no-transport.ts',
])

/**
 * The package whose promise alone a test at the root can be about, so that it belongs beside it; undefined where it
 * brings several together, or none. Where it asks clients it is about them, whatever they are connected to, and one
 * that is built on others is what the test is about.
 */
export function onlyPackageOf(test: SourceFile, files: ReadonlyMap<string, SourceFile>): string | undefined {
  const asked = packagesAsked(test, files)
  const about = [clients, new Set(['admin']), others, faces, tools].map((kind) =>
    [...asked].filter((name) => kind.has(name)),
  )
  const first = about.find((names) => names.length > 0) ?? []
  const highest = first.filter((name) => !first.some((other) => other !== name && mayImport(other, name)))
  return highest.length === 1 ? highest[0] : undefined
}

/**
 * What the tests of a package take from elsewhere than its folder, other packages by their names, and what is shared.
 */
export function takenFromElsewhere(file: SourceFile): string[] {
  const own = /^packages\/[^/]+\//.exec(file.path)?.[0] ?? ''
  return file.imports
    .flatMap((one) => targetOf(file, one) ?? [])
    .filter((target) => !target.startsWith(own) && !sharedWithPackages.has(target))
}
