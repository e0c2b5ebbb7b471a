import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed, packageManagers } from './package-managers.mjs'
import { putProgram, use } from './programs.mjs'
import { run } from './run.mjs'
import { runtimes, tool } from './tools.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const budget = JSON.parse(readFileSync(join(here, 'budget.json'), 'utf8'))
/** Between them they bring every other along: CI tries these. */
const mostUsed = ['kafkado', '@kafkado/producer', '@kafkado/testing']

/** Installs one package alone with each package manager, and uses it on each runtime. */
export async function tryPackage(name, context) {
  const { place, registry, server, verdict, isQuick } = context
  if (isQuick && !mostUsed.includes(name)) return ['left to the full run']
  const cells = []
  for (const [manager, { install, node }] of Object.entries(packageManagers)) {
    if (isQuick && manager.startsWith('yarn')) continue
    // The server's folder is one of them.
    const isServer = name === 'kafkado' && manager === 'npm'
    const folder = isServer ? context.installed : join(place, `${name}-${manager}`.replaceAll(/[@/ ]/g, '-'))
    const found = isServer ? [] : await install(folder, installedFor(name), registry)
    if (found === undefined) {
      cells.push(`${manager} SKIPPED`)
      continue
    }
    const program = putProgram(folder, name)
    const isInstalled = !found.some((line) => line.startsWith('exit code'))
    if (isInstalled) found.push(...(await use(folder, await node(program), server)))
    cells.push(verdict(name, manager, found))
    if (manager !== 'npm' || !isInstalled) continue
    cells.unshift(measure(name, folder, verdict))
    for (const runtime of runtimes) cells.push(await onRuntime(runtime, name, folder, program, context))
    cells.push(await onTooOldNode(name, folder, program, verdict))
  }
  return cells
}

/** A client without a transport can do nothing, and the transport over HTTP is in core. */
function installedFor(name) {
  return ['kafkado', '@kafkado/testing', '@kafkado/core'].includes(name) ? [name] : [name, '@kafkado/core']
}

function measure(name, folder, verdict) {
  const { packages, bytes, scripts } = installed(folder)
  const megabytes = (bytes / 1e6).toFixed(2)
  const { packages: most = 0, megabytes: largest = 0 } = budget[name] ?? {}
  const over = scripts.map((one) => `${one} runs a script when it is installed`)
  if (packages > most) over.push(`${packages} packages, budget ${most}`)
  if (bytes > largest * 1e6) over.push(`${megabytes} MB, budget ${largest}`)
  verdict(name, 'budget', over)
  return `${String(packages).padStart(3)} packages ${megabytes.padStart(6)} MB`
}

async function onRuntime(runtime, name, folder, program, { server, verdict }) {
  const path = await tool(runtime)
  if (!path) return `${runtime} SKIPPED`
  const options = runtime === 'Deno' ? ['run', '--quiet', '--allow-all', '--node-modules-dir=manual'] : []
  return verdict(name, runtime, await use(folder, [path, ...options, program], server))
}

/**
 * One line says so before anything else fails; from the command line it is all that is printed. What needs nothing that
 * an older Node lacks may work there.
 */
async function onTooOldNode(name, folder, program, verdict) {
  const path = await tool('Node 20')
  if (!path) return 'Node 20 SKIPPED'
  const line = /^(Error: )?kafkado needs Node .*; this is Node v?20\.[0-9.]+$/m
  const { status, stdout, stderr } = await run(folder, [path, program])
  const works = status === 0 && stdout === 'used\n' && stderr === ''
  const found =
    works || (status === 1 && line.test(stderr)) ? [] : [`ended with ${status}`, ...stderr.split('\n').slice(0, 12)]
  if (name === 'kafkado') {
    const { stderr: printed } = await run(folder, [path, 'node_modules/kafkado/dist/bundled/main.js', '--version'])
    if (!line.test(printed) || printed.trim().includes('\n')) found.push(`the command line prints ${printed}`)
  }
  return verdict(name, works ? 'Node 20' : 'Node 20 refused', found)
}
