// What a package that is published has to be: what its manifest says, and what its archive holds.
import { SourceMap, type SourceMapPayload } from 'node:module'

export interface PackageManifest {
  readonly name?: string
  readonly description?: string
  readonly keywords?: readonly string[]
  readonly homepage?: string
  readonly bugs?: string
  readonly license?: string
  readonly author?: string
  readonly repository?: { readonly type?: string; readonly url?: string; readonly directory?: string }
  readonly files?: readonly string[]
  readonly type?: string
  readonly sideEffects?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly imports?: Readonly<Record<string, Conditions>>
  readonly exports?: Readonly<Record<string, Conditions>>
  readonly publishConfig?: { readonly access?: string }
  readonly engines?: { readonly node?: string }
}

/** A file, or one for each condition. */
export type Conditions = string | { readonly [condition: string]: Conditions }

export interface PackageArchive {
  readonly manifest: PackageManifest
  /** The paths from the package's own folder. */
  readonly files: ReadonlySet<string>
  readonly read: (path: string) => string
}

const repository = 'https://github.com/kafkado/kafkado'

/** Built files, the sources that their maps point to, and what npm shows. */
const wantedFiles = ['dist', 'src', '!src/**/*.test.ts', '!src/**/*.test-d.ts', '!src/**/golden']

/** What is wrong with the manifest of `packages/FOLDER`. */
export function manifestFaults(folder: string, manifest: PackageManifest): string[] {
  const directory = `packages/${folder}`
  const wanted: Record<string, [actual: unknown, wanted: unknown]> = {
    name: [manifest.name, folder === 'kafkado' ? folder : `@kafkado/${folder}`],
    homepage: [manifest.homepage, `${repository}/tree/main/${directory}#readme`],
    bugs: [manifest.bugs, `${repository}/issues`],
    repository: [manifest.repository, { type: 'git', url: `git+${repository}.git`, directory }],
    license: [manifest.license, 'MIT'],
    author: [manifest.author, 'The kafkado authors'],
    files: [manifest.files, wantedFiles],
    type: [manifest.type, 'module'],
    sideEffects: [manifest.sideEffects, false],
    publishConfig: [manifest.publishConfig, { access: 'public' }],
  }
  const faults = Object.entries(wanted)
    .filter(([, [actual, expected]]) => JSON.stringify(actual) !== JSON.stringify(expected))
    .map(([field, [actual, expected]]) => `${field} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
  if (!manifest.description) faults.push('description is missing')
  if (!manifest.keywords?.includes('kafka') || manifest.keywords.length < 4) faults.push('keywords are missing')
  if (!manifest.engines?.node) faults.push('engines.node is missing')
  if (manifest.exports?.['./package.json'] !== './package.json') faults.push('exports has no ./package.json')
  return [...faults, ...Object.entries(manifest.exports ?? {}).flatMap(entryFaults)]
}

/**
 * An entry has its source, its types, its module for Node and its module, in the order in which conditions are tried.
 * Modules for Node import no others of a package than its entries, so a pattern of them has none. A suite that authors
 * of transports run is in no hurry to start, and would be half of what `@kafkado/testing` weighs.
 */
function entryFaults([entry, conditions]: [string, Conditions]): string[] {
  if (entry === './package.json') return []
  const names = typeof conditions === 'string' ? [] : Object.keys(conditions)
  const isAsBuilt = entry.includes('*') || entry === './conformance'
  const wanted = isAsBuilt ? 'kafkado-source,types,default' : 'kafkado-source,types,node,default'
  return names.join() === wanted ? [] : [`exports['${entry}'] has the conditions ${names.join()}, not ${wanted}`]
}

/** What is wrong with the files that are published. */
export function archiveFaults(archive: PackageArchive): string[] {
  const { manifest, files } = archive
  const missing = [
    'README.md',
    'LICENSE',
    ...[manifest.exports, manifest.imports, manifest.bin].flatMap((targets) => targetsOf(targets ?? {})),
  ].filter((path) => !isThere(path, files))
  return [
    ...missing.map((path) => `${path} is missing`),
    ...[...files].filter((path) => !isExpected(path)).map((path) => `${path} has no place in it`),
    ...[...files].filter((path) => isLeftOver(path, files)).map((path) => `${path} is built from no source`),
    ...[...files].filter((path) => path.endsWith('.map')).flatMap((path) => mapFaults(archive, path)),
    ...[...files].filter((path) => path.endsWith('.js')).flatMap((path) => moduleFaults(archive, path)),
  ]
}

/** Whether the file is published; of a pattern, whether any file fits it. */
function isThere(path: string, files: ReadonlySet<string>): boolean {
  const [start, end] = path.split('*')
  if (end === undefined) return files.has(path)
  return [...files].some((file) => file.startsWith(start as string) && file.endsWith(end))
}

function targetsOf(conditions: Conditions): string[] {
  if (typeof conditions === 'string') return [conditions.replace(/^\.\//, '')]
  return Object.values(conditions).flatMap(targetsOf)
}

function isExpected(path: string): boolean {
  if (['package.json', 'README.md', 'LICENSE'].includes(path)) return true
  if (/(^|\/)golden\/|\.test(-d)?\./.test(path)) return false
  return /^dist\/.*\.(js|d\.ts|d\.ts\.map)$/.test(path) || /^src\/.*\.ts$/.test(path)
}

/** What Node loads: modules of several sources, named by their content. Each build empties the folder. */
function isBundled(path: string): boolean {
  return path.startsWith('dist/bundled/')
}

/** Whether an earlier build has left the file: its source is gone. */
function isLeftOver(path: string, files: ReadonlySet<string>): boolean {
  if (isBundled(path)) return false
  const [, name] = /^dist\/(.*?)(?:\.d\.ts(?:\.map)?|\.js)$/.exec(path) ?? []
  return name !== undefined && !files.has(`src/${name}.ts`)
}

/** The sources are published once: in `src/`, where each map has to find them. */
function mapFaults({ files, read }: PackageArchive, path: string): string[] {
  const map = JSON.parse(read(path)) as SourceMapPayload
  const sourceOf = (source: string): string => new URL(source, new URL(path, 'file:///')).pathname.slice(1)
  const lost = map.sources.filter((source) => !files.has(sourceOf(source)))
  if (lost.length > 0) return lost.map((source) => `${path} points to ${source}, which is missing`)
  const declarations = path.endsWith('.d.ts.map') ? read(path.replace(/\.map$/, '')) : ''
  const misled = misledNames(declarations, new SourceMap(map), (source) => read(sourceOf(source)))
  return [
    ...((map.sourcesContent as unknown) ? [`${path} holds sources, which src/ holds as well`] : []),
    ...misled.map((name) => `${path} leads from ${name} to another line`),
  ]
}

/** The declared names for which an editor would go to a line that is about something else. */
function misledNames(declarations: string, map: SourceMap, sourceOf: (source: string) => string): string[] {
  return declarations.split('\n').flatMap((text, line) => {
    const [start, name] = /^export declare (?:abstract )?(?:class|function|const) (\w+)/.exec(text) ?? []
    if (start === undefined || name === undefined) return []
    const entry = map.findEntry(line, start.length - name.length)
    const isRight =
      'originalLine' in entry && sourceOf(entry.originalSource).split('\n')[entry.originalLine]?.includes(name)
    return isRight ? [] : [name]
  })
}

/**
 * `sideEffects: false` lets a bundler drop whatever is imported for its effects alone. That a Node is too old is told
 * where nothing was bundled: who bundles for Node chooses it. Bundled modules import each other only to run in order.
 */
function moduleFaults({ files, read }: PackageArchive, path: string): string[] {
  if (isBundled(path)) return []
  const code = read(path)
  return [
    ...[...code.matchAll(/^import ["'](.+(?<!\/require-node\.node\.js))["'];?$/gm)].map(
      ([, imported]) => `${path} imports ${imported} for its effects, in a package that says it has none`,
    ),
    ...(files.has(path.replace(/js$/, 'd.ts')) ? [] : [`${path} has no types beside it`]),
  ]
}
