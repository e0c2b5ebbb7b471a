import type { PackageManifest } from './package-contents.ts'

/** Modules that a worker thread starts with. Their package looks for them beside the file that starts the thread. */
const threads: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '@kafkado/consumer': { 'worker-thread.node': 'src/parallel/worker-thread.node.ts' },
  '@kafkado/streams': { 'worker-entry.node': 'src/worker-entry.node.ts' },
}

/** What Node loads of a package: its exports, its command and its threads. The source of each file, by its name. */
export function bundledEntries({ name = '', exports = {}, bin = {} }: PackageManifest): Record<string, string> {
  const entries: Record<string, string> = { ...threads[name] }
  for (const conditions of Object.values(exports)) {
    if (typeof conditions === 'string') continue
    const { node, 'kafkado-source': source } = conditions
    if (typeof node === 'string' && typeof source === 'string') entries[nameOf(node)] = source
  }
  for (const file of Object.values(bin)) entries[nameOf(file)] = `src/cli/${nameOf(file)}.ts`
  return entries
}

function nameOf(file: string): string {
  return file.replace(/^\.\/dist\/bundled\//, '').replace(/\.js$/, '')
}
