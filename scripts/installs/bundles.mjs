// Pages, and a program of a server, bundled as users do: nothing is left out. Each bundle is then run.
import { copyFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleByEsbuild, bundleForNode } from '../bundlers/esbuild.mjs'
import { bundleByVite } from '../bundlers/vite.mjs'
import { bundleByWebpack } from '../bundlers/webpack.mjs'
import { use } from './programs.mjs'
import { timeLeftMs } from './quick.mjs'
import { tool } from './tools.mjs'

const sources = join(dirname(fileURLToPath(import.meta.url)), 'pages')
const read = (names) =>
  Object.fromEntries(names.map((name) => [name, readFileSync(join(sources, `${name}.mjs`), 'utf8')]))
const pages = read(['producer', 'consumer', 'streams', 'kafkado'])
const programs = read(['producer', 'on-servers'])

/** @param {{ installed: string, server: string, verdict: Function, isQuick: boolean }} context */
export async function tryBundles({ installed: root, server, verdict, isQuick }) {
  copyFileSync(join(sources, 'run-page.mjs'), join(root, 'run-page.mjs'))
  const webpack = await tool('webpack')
  const bundlers = {
    esbuild: (outDir) => bundleByEsbuild(root, pages, outDir),
    Vite: (outDir) => bundleByVite(root, pages, outDir),
    webpack: webpack && ((outDir) => bundleByWebpack(webpack, root, pages, outDir)),
    // It waits for brokers that do not answer, so it is left to the full run.
    'esbuild for Node': !isQuick && ((outDir) => bundleForNode(root, programs, outDir)),
  }
  const cells = []
  for (const [name, bundle] of Object.entries(bundlers)) {
    if (!bundle || timeLeftMs(1) < 1) {
      cells.push(`${name} SKIPPED`)
      continue
    }
    const isForNode = name === 'esbuild for Node'
    const outDir = join(root, `of ${name}`)
    const found = await bundle(outDir)
    if (found.length === 0)
      for (const page of Object.keys(isForNode ? programs : pages)) {
        const command = [process.execPath, 'run-page.mjs', join(outDir, `${page}.js`)]
        const wrong = await use(root, command, server, isForNode ? { KAFKADO_KEEPS_NODE: 'true' } : {})
        found.push(...wrong.map((line) => `${page}: ${line}`))
      }
    cells.push(verdict('bundles', name, found))
  }
  return cells
}
