import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingFiles, missingNames, unnamedFolders } from './architecture/documents.ts'
import { filesUnder, root } from './architecture/source-files.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const paths = ['packages', 'tests', 'scripts', 'examples', 'benchmarks', 'docs'].flatMap(filesUnder)
const atRoot = readdirSync(root, { withFileTypes: true })
  .filter((one) => one.isFile())
  .map(({ name }) => name)
const map = read('ARCHITECTURE.md')

describe('the documents of the structure', () => {
  it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s names files that exist', (document) => {
    expect(missingFiles(read(document), [...paths, ...atRoot])).toEqual([])
  })

  it('ARCHITECTURE.md names things that the code has', () => {
    const code = paths.filter((path) => /\.(ts|mjs|java)$/.test(path)).flatMap((path) => read(path).match(/\w+/g) ?? [])
    expect(missingNames(map, new Set(code))).toEqual([])
  })

  it('its file map has every folder of the sources, and every room of the tests at the root', () => {
    const folders = new Set(paths.map(dirname).filter((path) => /^packages\/[^/]+\/src\//.test(path)))
    const golden = (path: string): boolean => path.endsWith('/golden')
    expect(
      unnamedFolders(
        map,
        [...folders].filter((path) => !golden(path)),
      ),
    ).toEqual([])
    const rooms = new Set(paths.flatMap((path) => /^tests\/[^/]+\//.exec(path)?.[0] ?? []))
    expect([...rooms].filter((room) => !map.includes(room))).toEqual([])
  })

  const there = ['packages/a/src/log/one.ts', 'packages/a/src/two.node.ts', 'tests/three.md']

  it.each([
    ['one.ts and log/one.ts', []],
    ['two.*.ts', []],
    ['a `three.md`, not four.md', ['four.md']],
    ['logs/one.ts', ['logs/one.ts']],
    ['one.ts.', []],
    ['three.*.ts', ['three.*.ts']],
    ['Next.js', []],
  ])('are asked for files: %s', (text, missing) => {
    expect(missingFiles(text, there)).toEqual(missing)
  })

  it.each([
    ['`Changes.put`, `#route`', []],
    ['`Changes.putt`', ['Changes.putt']],
    ['`route()` and `gone()`', ['gone']],
    ['`send(operation, request)`', []],
  ])('are asked for names: %s', (text, missing) => {
    expect(missingNames(text, new Set(['Changes', 'put', 'route']))).toEqual(missing)
  })

  it.each([
    ['\npackages/a/src     a.ts\n  log/   one.ts\npackages/b/src', []],
    ['\npackages/a/src     a.ts\npackages/b/src log/', ['packages/a/src/log']],
  ])('are asked for folders', (text, unnamed) => {
    expect(unnamedFolders(text, ['packages/a/src/log'])).toEqual(unnamed)
  })
})
