// Workers under workerd, the runtime of Cloudflare's: clients that are made when the module is loaded and shared by
// requests one after another, and a transport that is shared by requests at the same time.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleByEsbuild } from '../bundlers/esbuild.mjs'
import { tool } from './tools.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const example = join(here, '..', '..', 'examples', 'worker', 'worker.mjs')
const forWorkers = {
  conditions: ['workerd', 'worker', 'browser'],
  external: ['cloudflare:*'],
  splitting: false,
}

/** @param {{ place: string, installed: string, server: string, verdict: Function }} context */
export async function tryWorkers({ place, installed, server, verdict }) {
  const miniflare = await tool('workerd')
  if (!miniflare) return ['workerd SKIPPED']
  const { Miniflare } = await import(miniflare)
  const workers = {
    example: { source: example, requests: requestsOfExample },
    all: { source: join(here, 'apps', 'worker.mjs'), requests: requestsOfAll },
  }
  const cells = []
  for (const [name, { source, requests }] of Object.entries(workers)) {
    const outDir = join(place, 'workers')
    const found = await bundleByEsbuild(installed, { [name]: readFileSync(source, 'utf8') }, outDir, forWorkers)
    if (found.length === 0) found.push(...(await inWorkerd(Miniflare, join(outDir, `${name}.js`), server, requests)))
    cells.push(verdict('workers', `workerd ${name}`, found))
  }
  return cells
}

async function inWorkerd(Miniflare, scriptPath, server, requests) {
  const worker = new Miniflare({
    // Named, as the script of a user's module, which nothing here asks for, could not be found by itself.
    modules: [{ type: 'ESModule', path: scriptPath }],
    modulesRoot: dirname(scriptPath),
    compatibilityDate: '2026-07-01',
    bindings: { KAFKA_URL: server },
    cf: false,
  })
  // What it fails with is told by the first request as well.
  worker.ready.catch(() => undefined)
  try {
    return await requests((path, init) => worker.dispatchFetch(`http://worker${path}`, init))
  } catch (error) {
    return String(error instanceof Error ? error.stack : error)
      .split('\n')
      .slice(0, 12)
  } finally {
    await worker.dispose()
  }
}

/** Orders one after another, and then many at once. */
async function requestsOfExample(ask) {
  const post = async (orderId) => {
    const response = await ask('/', { method: 'POST', body: JSON.stringify({ orderId, customerId: 'a' }) })
    return response.ok ? (await response.json()).offset : await response.text()
  }
  const offsets = [await post('1'), await post('2')]
  offsets.push(...(await Promise.all(['3', '4', '5', '6'].map(post))), await post('7'))
  const isRight = new Set(offsets).size === 7 && offsets.every((offset) => Number.isInteger(offset))
  return isRight ? [] : [`the orders are at ${offsets.join(', ')}`]
}

async function requestsOfAll(ask) {
  const paths = ['remote', 'memory', 'engine'].flatMap((name) => [
    `/produce/${name}`,
    `/produce/${name}`,
    `/consume/${name}?1`,
    `/consume/${name}?2`,
    `/topics/${name}`,
  ])
  paths.push('/transaction', '/transaction', '/made')
  const found = []
  const tryPath = async (path) => {
    const response = await ask(path)
    if (!response.ok) found.push(`${path}: ${(await response.text()).slice(0, 600)}`)
  }
  for (const path of paths) await tryPath(path)
  // workerd stops a request that only waits for what another one does, so those at the same time share no producer.
  await Promise.all(
    ['remote', 'engine', 'remote', 'engine', 'remote', 'engine'].map((name) => tryPath(`/alone/${name}`)),
  )
  return found
}
