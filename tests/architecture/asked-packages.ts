import { packageOf } from './layers.ts'
import { readSourceFile, type SourceFile, targetOf } from './source-files.ts'
import { isNode, visit } from './syntax.ts'

/** Which client a method of a KafkaClient is about, and so of what clients are made by. */
const clientOfMethod: Readonly<Record<string, string>> = {
  admin: 'admin',
  batches: 'consumer',
  consumer: 'consumer',
  produce: 'producer',
  producer: 'producer',
  streams: 'streams',
  transaction: 'producer',
  transactionalProducer: 'producer',
}

/** The packages whose names kafkado hands on, by name. */
const origins: ReadonlyMap<string, string> = new Map(
  readSourceFile('packages/kafkado/src/index.ts').imports.flatMap(({ specifier, names }) =>
    names.map((name): [string, string] => [name, packageOf(specifier) ?? 'kafkado']),
  ),
)

/**
 * The packages that a file asks, and what it imports from the tests at the root: those that it imports, those whose
 * names it takes from kafkado, and those of the clients that it takes from a KafkaClient.
 */
export function packagesAsked(file: SourceFile, files: ReadonlyMap<string, SourceFile>): ReadonlySet<string> {
  const all = [...closureOf(file, files)]
  const imported = all.flatMap((one) => one.imports.flatMap((each) => packagesOf(one, each, files)))
  const hasClient = imported.includes('kafkado') || imported.includes('client')
  return new Set([...imported, ...(hasClient ? all.flatMap(({ program }) => clientsTaken(program)) : [])])
}

function closureOf(
  file: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
  seen = new Set<SourceFile>(),
): Set<SourceFile> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const one of file.imports) {
    const local = files.get(targetOf(file, one) ?? '')
    if (local) closureOf(local, files, seen)
  }
  return seen
}

function packagesOf(
  file: SourceFile,
  one: SourceFile['imports'][number],
  files: ReadonlyMap<string, SourceFile>,
): readonly string[] {
  const target = targetOf(file, one)
  if (target !== undefined) {
    const beside = /^packages\/([^/]+)\//.exec(target)?.[1]
    return beside === undefined || files.has(target) ? [] : [beside]
  }
  const imported = packageOf(one.specifier)
  if (imported !== 'kafkado') return imported === undefined ? [] : [imported]
  return ['kafkado', ...one.names.flatMap((name) => origins.get(name) ?? [])]
}

function clientsTaken(program: unknown): string[] {
  const taken: string[] = []
  visit(program, (node) => {
    const property = node.type === 'MemberExpression' ? node['property'] : undefined
    const name = isNode(property) ? String(property['name']) : ''
    if (Object.hasOwn(clientOfMethod, name)) taken.push(clientOfMethod[name] as string)
  })
  return taken
}
