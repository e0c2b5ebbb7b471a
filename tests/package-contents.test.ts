import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  archiveFaults,
  manifestFaults,
  type PackageArchive,
  type PackageManifest,
} from '../scripts/packages/package-contents.ts'
import { root, snippetsIn } from './snippets/markdown-snippets.ts'

const folders = readdirSync(join(root, 'packages'))
const manifestOf = (folder: string): PackageManifest =>
  JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as PackageManifest

/** `AAEA` is the mapping of the first column to the third line of the source. */
const declarationMap = (mappings: string, source = '../src/index.ts'): string =>
  JSON.stringify({ version: 3, sources: [source], names: [], mappings })

/**
 * A package as it should be, of one module; `npm run check` looks at the real archives, for which they have to be
 * built.
 */
function archive(changes: Readonly<Record<string, string | undefined>> = {}): PackageArchive {
  const texts = new Map(
    Object.entries({
      'package.json': '{}',
      'README.md': '# core',
      LICENSE: 'MIT',
      'src/index.ts': `// Two lines above.
//
export const a = 1`,
      'dist/index.js': 'import { a } from "./a.js";',
      'dist/bundled/index.js': 'import "./chunk-1.js";',
      'dist/bundled/chunk-1.js': 'const a = 1;',
      'dist/index.d.ts': 'export declare const a = 1;',
      'dist/index.d.ts.map': declarationMap('AAEA'),
      ...changes,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const { exports: _, imports: _1, ...rest } = manifestOf('core')
  const entry = {
    'kafkado-source': './src/index.ts',
    types: './dist/index.d.ts',
    node: './dist/bundled/index.js',
    default: './dist/index.js',
  }
  return {
    manifest: { ...rest, exports: { '.': entry, './package.json': './package.json' } },
    files: new Set(texts.keys()),
    read: (path) => texts.get(path) ?? '',
  }
}

describe('a package on npm', () => {
  it.each(folders)('says in its manifest what it is and where it comes from: %s', (folder) => {
    expect(manifestFaults(folder, manifestOf(folder))).toEqual([])
  })

  it.each(folders)('is installed together with what its quick start imports: %s', (folder) => {
    const path = `packages/${folder}/README.md`
    const text = readFileSync(join(root, path), 'utf8')
    const installed = /^npm install (.+)$/m.exec(text)?.[1]?.split(' ') ?? []
    const imported = snippetsIn(path, text).flatMap(({ code }) =>
      [...code.matchAll(/from '(?!node:)((?:@\w+\/)?\w+)/g)].map(([, name]) => name),
    )
    expect(imported).not.toEqual([])
    expect(installed).toEqual(expect.arrayContaining(imported))
  })

  it.each<[string, Partial<PackageManifest>]>([
    ['sideEffects', { sideEffects: true }],
    ['repository', { repository: { type: 'git', url: 'git+https://github.com/kafkado/kafkado.git' } }],
    ['homepage', { homepage: 'https://example.com' }],
    ['bugs', { bugs: undefined }],
    ['author', { author: undefined }],
    ['files', { files: ['dist', 'src'] }],
    ['description', { description: '' }],
    ['keywords', { keywords: ['kafka'] }],
    ['exports', { exports: { '.': './dist/index.js' } }],
    [
      "exports['.']",
      { exports: { '.': { default: './dist/index.js', types: './x' }, './package.json': './package.json' } },
    ],
  ])('has a fault where its %s is another', (field, change) => {
    const faults = manifestFaults('core', { ...manifestOf('core'), ...change })
    expect(faults).not.toEqual([])
    for (const fault of faults) expect(fault).toContain(field)
  })

  it('holds its modules, their types and maps, and its sources', () => {
    expect(archiveFaults(archive())).toEqual([])
  })

  it.each<[string, Record<string, string | undefined>]>([
    ['README.md is missing', { 'README.md': undefined }],
    ['LICENSE is missing', { LICENSE: undefined }],
    ['src/index.ts is missing', { 'src/index.ts': undefined }],
    ['dist/index.d.ts is missing', { 'dist/index.d.ts': undefined }],
    ['dist/bundled/index.js is missing', { 'dist/bundled/index.js': undefined }],
    ['src/a.test.ts has no place in it', { 'src/a.test.ts': '' }],
    ['src/batch/golden/batches.ts has no place in it', { 'src/batch/golden/batches.ts': '' }],
    ['src/batch/golden/batches.jsonl has no place in it', { 'src/batch/golden/batches.jsonl': '' }],
    [
      'dist/index.d.ts.map holds sources',
      { 'dist/index.d.ts.map': '{"sources":[],"mappings":"","sourcesContent":["let a"]}' },
    ],
    ['dist/index.d.ts.map points to ../src/gone.ts', { 'dist/index.d.ts.map': declarationMap('', '../src/gone.ts') }],
    ['dist/index.d.ts.map leads from a to another line', { 'dist/index.d.ts.map': declarationMap('AACA') }],
    ['dist/index.js imports ./a.js for its effects', { 'dist/index.js': 'import "./a.js";' }],
    ['dist/alone.js has no types beside it', { 'dist/alone.js': '' }],
    ['dist/left/over.d.ts is built from no source', { 'dist/left/over.d.ts': '' }],
    ['dist/left/over.d.ts.map is built from no source', { 'dist/left/over.d.ts.map': declarationMap('') }],
    ['dist/index.js.map has no place in it', { 'dist/index.js.map': declarationMap('') }],
  ])('has a fault where %s', (fault, changes) => {
    expect(archiveFaults(archive(changes)).join('\n')).toContain(fault)
  })
})
