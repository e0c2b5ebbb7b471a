// A Next.js application with a page, a route of a server and an edge function, built by Turbopack and by webpack. The
// route is carried out while it is built.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'
import { placeOf, tool } from './tools.mjs'

const here = dirname(fileURLToPath(import.meta.url))
/** What Next.js says of itself, whatever is built. */
const ofNext = /no build cache|edge runtime/i
const routeBody = ['.next', 'server', 'app', 'api.body']

/** @param {{ installed: string, server: string, verdict: Function, isQuick: boolean }} context */
export async function tryNext({ installed, server, verdict, isQuick }) {
  const next = isQuick ? undefined : await tool('Next.js')
  if (!next) return ['Next.js SKIPPED']
  // Beside the packages of Next.js itself, which are found from there.
  const folder = mkdtempSync(join(placeOf('Next.js'), 'app-'))
  try {
    cpSync(join(here, 'apps', 'next'), folder, { recursive: true })
    cpSync(join(here, 'pages'), join(folder, 'pages'), { recursive: true })
    cpSync(join(installed, 'node_modules'), join(folder, 'node_modules'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }')
    const root = JSON.stringify(placeOf('Next.js'))
    writeFileSync(join(folder, 'next.config.mjs'), `export default { turbopack: { root: ${root} } }\n`)
    const cells = []
    for (const bundler of ['turbopack', 'webpack']) {
      // With webpack, Next.js 16.4 builds no edge function at all, even one that imports nothing.
      if (bundler === 'webpack') rmSync(join(folder, 'app', 'edge'), { recursive: true })
      cells.push(verdict('next', bundler, await build(next, bundler, folder, server)))
    }
    return cells
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function build(next, bundler, folder, server) {
  rmSync(join(folder, '.next'), { recursive: true, force: true })
  const settings = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', KAFKADO_SERVER: server }
  const { status, stdout, stderr } = await run(
    folder,
    [process.execPath, next, 'build', `--${bundler}`],
    settings,
    300_000,
  )
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  if (status !== 0) return [`exit code ${status}`, ...lines.slice(0, 40)]
  const answer = readFileSync(join(folder, ...routeBody), 'utf8')
  const warnings = lines.filter((line) => /⚠|warning|critical dependency/i.test(line) && !ofNext.test(line))
  return answer === '{"used":true}' ? warnings : [`the route answered ${answer}`, ...warnings]
}
