// The tests of another team with `@kafkado/testing` alone, under each runner. A test that counts on something else
// fails, and so does a runner that does not end or that runs fewer tests than there are.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageManagers } from './package-managers.mjs'
import { run } from './run.mjs'
import { placeOf, tool } from './tools.mjs'

const suites = join(dirname(fileURLToPath(import.meta.url)), 'apps', 'suites')
/** Of vitest and jest; bun has no fake timers that could be in the way. */
const tests = 5

const node = process.execPath
const modules = ['--experimental-vm-modules', '--no-warnings']
const byJest = (file) => (jest) => [node, ...modules, jest, '--testMatch', `**/${file}`, '--rootDir', '.', '--no-cache']
const byVitest = (vitest) => [node, vitest, 'run', '--root', '.', 'vitest.test.mjs']

/** By the name that the table has: which tool, how it is run, and what it prints when all tests have passed. */
const runners = {
  'vitest 3': { tool: 'vitest 3', command: byVitest, passed: new RegExp(`Tests +${tests} passed`) },
  'vitest 5': { tool: 'vitest 5', command: byVitest, passed: new RegExp(`Tests +${tests} passed`) },
  'jest 30 ESM': { tool: 'jest 30', command: byJest('jest.test.mjs'), passed: new RegExp(`Tests: +${tests} passed`) },
  'jest 30 CJS': { tool: 'jest 30', command: byJest('jest.test.cjs'), passed: new RegExp(`Tests: +${tests} passed`) },
  'node:test': {
    tool: 'Node 24',
    command: () => [node, '--test', 'node.test.mjs'],
    passed: new RegExp(`pass ${tests}\\n.*fail 0`),
  },
  'bun test': { tool: 'Bun', command: (bun) => [bun, 'test', './bun.test.mjs'], passed: /4 pass\n +0 fail/ },
}

/** @param {{ place: string, registry: string, verdict: Function }} context */
export async function tryRunners({ place, registry, verdict }) {
  const alone = join(place, 'testing-alone')
  const installed = await packageManagers.npm.install(alone, ['@kafkado/testing'], registry)
  if (installed.length > 0) return [verdict('runners', 'npm', installed)]
  const cells = []
  for (const [name, { tool: needed, command, passed }] of Object.entries(runners)) {
    const path = await tool(needed)
    if (!path) {
      cells.push(`${name} SKIPPED`)
      continue
    }
    // Not where the runner is: vitest takes the settings of folders above, and jest finds no tests in node_modules.
    const folder = mkdtempSync(join(place, 'app-'))
    try {
      cpSync(suites, folder, { recursive: true })
      cpSync(join(alone, 'node_modules'), join(folder, 'node_modules'), { recursive: true })
      if (needed !== 'Node 24') linkPackages(join(placeOf(needed), 'node_modules'), join(folder, 'node_modules'))
      writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true }')
      const settings = { NO_COLOR: '1', FORCE_COLOR: '0' }
      const { status, stdout, stderr } = await run(folder, command(path), settings)
      const isRight = status === 0 && passed.test(stdout + stderr)
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '')
      cells.push(verdict('runners', name, isRight ? [] : [`ended with ${status}`, ...lines.slice(0, 40)]))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return cells
}

/** The packages of a runner, beside those of the application. */
function linkPackages(from, to) {
  for (const name of readdirSync(from)) if (!existsSync(join(to, name))) symlinkSync(join(from, name), join(to, name))
}
