import { existsSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, join } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { bannedUses, usesGlobal } from './architecture/banned-globals.ts'
import { importCycles } from './architecture/import-cycles.ts'
import { coreMayImport, mayImport, packageOf } from './architecture/layers.ts'
import { upwardImports, withoutTypeCycles } from './architecture/rooms.ts'
import { asksTimeOfDay, timeOfDayUsers } from './architecture/time-of-day.ts'
import { filesUnder, readSourceFile, root, type SourceFile, targetOf } from './architecture/source-files.ts'

const folders = ['packages', 'tests', 'scripts', 'examples', 'benchmarks'].filter((one) => existsSync(join(root, one)))
const paths = folders.flatMap(filesUnder)
const codePaths = paths.filter((path) => /\.(ts|mjs|js)$/.test(path))
const sources = codePaths.filter((path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path)).map(readSourceFile)
const shipped = sources.filter(({ isTest }) => !isTest)

describe('layers', () => {
  it('finds the sources', () => {
    expect(shipped.length).toBeGreaterThan(20)
  })

  it('imports only the packages below', () => {
    expect(
      eachImport(shipped, ({ packageName = '' }, specifier) => {
        const imported = packageOf(specifier)
        return imported !== undefined && !mayImport(packageName, imported)
      }),
    ).toEqual([])
  })

  it('reaches another package by its name, never by a path', () => {
    const crossing = sources.flatMap((file) =>
      file.imports
        .map((one) => targetOf(file, one))
        .filter((target) => target && !target.startsWith(`packages/${file.packageName}/`))
        .map((target) => `${file.path} → ${target}`),
    )
    expect(crossing).toEqual([])
  })

  it('has no import cycles', () => {
    expect(importCycles(shipped)).toEqual([])
  })

  it('has no cycles of types either, in the packages that say so', () => {
    const files = shipped.filter(({ packageName }) => packageName !== undefined && withoutTypeCycles.has(packageName))
    expect(importCycles(files, true)).toEqual([])
  })

  it('finds a cycle where there is one', () => {
    expect(importCycles([file('a.ts', './b.ts'), file('b.ts', './a.ts')])).toEqual(['a.ts → b.ts → a.ts'])
    const ofTypes = [file('a.ts', './b.ts', true), file('b.ts', './a.ts')]
    expect(importCycles(ofTypes)).toEqual([])
    expect(importCycles(ofTypes, true)).toEqual(['a.ts → b.ts → a.ts'])
  })
})

describe('the rooms of a package', () => {
  it('import from those below them alone', () => {
    expect(upwardImports(shipped)).toEqual([])
  })

  it.each([
    ['streams/src/task/task.ts', '../member/member.ts', true],
    ['streams/src/member/session/task-set.ts', '../member-loop.ts', true],
    ['streams/src/member/member-loop.ts', './session/task-set.ts', false],
    ['streams/src/task/task.ts', '../state/window-store.ts', false],
    ['streams/src/app/streams-app.ts', '../dsl/startable.ts', true],
    ['broker/src/log/partition-log.ts', '../topic/topic-registry.ts', true],
    ['broker/src/engine/engine.ts', '../handlers/handler.ts', true],
    ['broker/src/group/group-topics.ts', '../topic/topic-registry.ts', false],
  ])('are told apart: %s imports %s', (path, specifier, isUpward) => {
    expect(upwardImports([file(`packages/${path}`, specifier)])).toHaveLength(isUpward ? 1 : 0)
  })

  it('of the engine: one file reads what was kept, and hands it to its owners', () => {
    const reader = 'packages/broker/src/records/read-metadata.ts'
    const readers = shipped.filter((one) => one.imports.some((imported) => targetOf(one, imported) === reader))
    expect(readers.map(({ path }) => path)).toEqual(['packages/broker/src/records/record-owners.ts'])
  })

  it('hold every file of the package', () => {
    const lost = file('packages/streams/src/elsewhere/one.ts', '../state/window-store.ts')
    expect(() => upwardImports([lost])).toThrow(/has no place among the rooms/)
  })
})

describe('core runs in a browser', () => {
  const core = shipped.filter(({ packageName }) => packageName === 'core')
  const forNode = (file: SourceFile): boolean => file.path.endsWith('.node.ts')

  it('imports nothing but zod/mini outside the node-conditioned files', () => {
    expect(
      eachImport(core, (file, specifier, typeOnly) => {
        const ours = specifier.startsWith('.') || packageOf(specifier) !== undefined
        return !ours && !coreMayImport(specifier, typeOnly, forNode(file))
      }),
    ).toEqual([])
  })

  it('uses no built-in module and no Buffer there', () => {
    const builtins = new Set(builtinModules)
    const portable = core.filter((file) => !forNode(file))
    expect(eachImport(portable, (_, specifier) => specifier.startsWith('node:') || builtins.has(specifier))).toEqual([])
    expect(portable.filter(({ program }) => usesGlobal(program, 'Buffer')).map(({ path }) => path)).toEqual([])
  })
})

describe('time and chance are injected', () => {
  it('uses the banned globals in core/src/runtime alone', () => {
    const uses = shipped
      .filter(({ path }) => !path.startsWith('packages/core/src/runtime/'))
      .flatMap(({ path, program }) => bannedUses(program).map((use) => `${path}: ${use}`))
    expect(uses).toEqual([])
  })

  it.each([
    ['Date.now()', ['Date.now']],
    ['performance.now()', ['performance.now']],
    ['new Date()', ['new Date()']],
    ['new Date(0)', []],
    ['setTimeout(f, 1)', ['setTimeout']],
    ['const later = globalThis.setTimeout', ['setTimeout']],
    ['clock.setTimeout(f, 1)', []],
    ['const clock = { setTimeout: 1 }', []],
    ['crypto.randomUUID()', ['randomUUID']],
    ['"Math.random()" // Math.random()', []],
  ])('recognises %s', (code, uses) => {
    expect(bannedUses(parseSync('code.ts', code).program)).toEqual(uses)
  })
})

describe('what waits does not notice a clock that is set', () => {
  const users = shipped
    .filter(({ path, program }) => !path.startsWith('packages/core/src/runtime/') && asksTimeOfDay(program))
    .map(({ path }) => path)

  it('asks for the time of day only where records and ages are stamped', () => {
    expect(users.sort()).toEqual(Object.keys(timeOfDayUsers).sort())
  })

  it.each([
    ['runtime.clock.now()', true],
    ['this.#clock.now() - 5', true],
    ['const { now } = clock', true],
    ['clock.monotonic()', false],
    ['const later = now + 1', false],
  ])('recognises %s', (code, asks) => {
    expect(asksTimeOfDay(parseSync('code.ts', `class A { #clock; b() { ${code} } }`).program)).toBe(asks)
  })
})

describe('files', () => {
  it('have at most 300 lines, tests excepted', () => {
    const others = codePaths.filter((path) => !path.startsWith('packages/') && !path.endsWith('.test.ts'))
    const long = [...shipped, ...others.map(readSourceFile)].filter(({ lines }) => lines > 300)
    expect(long.map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([])
  })

  it('have kebab-case names that say what is inside', () => {
    const word = '[a-z0-9]+(-[a-z0-9]+)*'
    const kebabCase = new RegExp(`^(${word}/)*${word}(\\.${word})*$`)
    expect(codePaths.filter((path) => !kebabCase.test(path))).toEqual([])
    expect(codePaths.filter((path) => ['utils.ts', 'util.ts', 'helpers.ts'].includes(basename(path)))).toEqual([])
  })
})

function file(path: string, specifier: string, typeOnly = false): SourceFile {
  const imports = [{ specifier, typeOnly, dynamic: false }]
  return { path, packageName: undefined, isTest: false, lines: 1, program: undefined, imports }
}

function eachImport(
  files: SourceFile[],
  isWrong: (file: SourceFile, specifier: string, typeOnly: boolean) => boolean,
): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter(({ specifier, typeOnly }) => isWrong(file, specifier, typeOnly))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  )
}
