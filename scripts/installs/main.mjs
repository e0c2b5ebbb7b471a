// Every package as a stranger gets it: packed, served by a registry on loopback, installed alone into a clean folder by
// each package manager, then imported and used on each runtime; bundled as users bundle; and as the mock of another
// team's tests. `--quick` is for CI and takes a part of each, without what would take long to fetch. Words name
// packages, or `bundles`, `next`, `workers` and `runners`, to look at alone.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packAll } from './archives.mjs'
import { tryBundles } from './bundles.mjs'
import { tryNext } from './next.mjs'
import { packageManagers } from './package-managers.mjs'
import { tryPackage } from './packages.mjs'
import { isQuick, reasonToSkip, timeLeftMs } from './quick.mjs'
import { startRegistry } from './registry.mjs'
import { run } from './run.mjs'
import { tryRunners } from './runners.mjs'
import { startServer } from './server.mjs'
import { tryWorkers } from './workers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const words = process.argv.slice(2)
const asked = words.filter((word) => !word.startsWith('--'))
const parts = { bundles: tryBundles, next: tryNext, workers: tryWorkers, runners: tryRunners }

const place = mkdtempSync(join(tmpdir(), 'kafkado-installs-'))
let faults = 0
let server
let registry
try {
  const packages = await packAll(place)
  /** @type {Map<string, (all: any) => any>} */
  const rows = new Map()
  for (const { name } of packages) rows.set(name, (all) => tryPackage(name, all))
  for (const [name, tryPart] of Object.entries(parts)) rows.set(name, tryPart)
  const unknown = asked.filter((word) => !rows.has(word))
  if (unknown.length > 0)
    throw new Error(`no such part: ${unknown.join(', ')}. There are ${[...rows.keys()].join(', ')}`)
  const upstream = (await run(here, ['npm', 'config', 'get', 'registry'])).stdout.trim()
  registry = await startRegistry(packages, upstream)
  const installed = join(place, 'installed')
  const found = await installServer(installed, upstream, registry.url)
  verdict('kafkado', 'the server that all others use', found)
  if (found.length === 0) {
    server = await startServer(installed)
    const context = { place, installed, registry: registry.url, server: server.url, isQuick, verdict }
    for (const [name, tryOut] of rows)
      if (asked.length === 0 || asked.includes(name)) await tryRow(name, tryOut, context)
  }
} finally {
  server?.close()
  registry?.close()
  rmSync(place, { recursive: true, force: true })
}
console.log(faults === 0 ? 'no faults: all that was tried can be installed and used' : `${faults} faults`)
if (faults > 0) process.exitCode = 1

async function installServer(folder, upstream, loopback) {
  const hasRegistry = await fetch(upstream, { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).then(
    () => true,
    () => false,
  )
  if (isQuick && !hasRegistry) return ['exit code ENOTFOUND: the registry does not answer']
  return packageManagers.npm.install(folder, ['kafkado'], loopback)
}

async function tryRow(name, tryOut, context) {
  const started = performance.now()
  const cells = timeLeftMs(1) < 1 ? ['SKIPPED: the time of --quick is over'] : await tryOut(context)
  console.log(`${name.padEnd(20)} ${cells.join(', ')} (${Math.round((performance.now() - started) / 1000)} s)`)
}

/** One cell of the table. What is wrong is told at once. */
function verdict(name, what, found) {
  if (found.length === 0) return `${what} ok`
  const reason = reasonToSkip(found)
  if (reason !== undefined) {
    console.log(`SKIPPED  ${name}, ${what}: ${reason}`)
    return `${what} SKIPPED`
  }
  faults += 1
  console.log(`FAILED  ${name}, ${what}: ${found.join('\n        ')}`)
  return `${what} FAILED`
}
