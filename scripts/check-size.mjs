// What a browser downloads: each package bundled whole from its built files, and pages that send and read records.
// Minified and gzipped, without what a dynamic import loads later. The budgets, in kB, are in size-budget.json. What
// the READMEs say has to be near. esbuild and Vite bundle as they do for users: nothing is left out, and a module that
// only Node has is a fault, also in what is loaded later. (webpack and Next.js: `npm run installs`.)
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { isBuiltIn } from './bundlers/built-in.mjs'
import { bundleByVite } from './bundlers/vite.mjs'
import { publishedPackages } from './published-packages.mjs'

const scripts = dirname(fileURLToPath(import.meta.url))
const budget = JSON.parse(readFileSync(join(scripts, 'size-budget.json'), 'utf8'))
/** No page loads it, as it needs sockets: its size is that without what Node has. */
const nodeOnly = new Set(['@kafkado/wire'])

const withoutBuiltIns = {
  name: 'without-built-ins',
  setup: (bundle) =>
    bundle.onResolve({ filter: /.*/ }, ({ path }) =>
      isBuiltIn(path) ? { path, external: true, sideEffects: false } : undefined,
    ),
}

const packages = publishedPackages()
const written = (name) => packages.some((one) => one.name === name && one.written)
const cases = [
  ...packages.map(({ name }) => ({ name, needs: [name], code: `export * from '${name}'` })),
  {
    name: 'page',
    needs: ['@kafkado/core', '@kafkado/producer'],
    code: `
      import { http } from '@kafkado/core'
      import { createProducer } from '@kafkado/producer'
      const orders = createProducer(http({ url: location.origin, apiKey: 'key' }), 'orders')
      document.body.onclick = () => orders.send({ value: { orderId: '1' } })`,
  },
  {
    name: 'page that reads',
    needs: ['@kafkado/core', '@kafkado/consumer'],
    code: `
      import { http } from '@kafkado/core'
      import { createConsumer } from '@kafkado/consumer'
      const orders = createConsumer(http({ url: location.origin, apiKey: 'key' }), 'orders', { group: 'shop' })
      for await (const { value } of orders) console.log(value)`,
  },
  {
    name: 'page that does both',
    needs: ['@kafkado/core', '@kafkado/consumer', '@kafkado/producer'],
    code: `
      import { http } from '@kafkado/core'
      import { createConsumer } from '@kafkado/consumer'
      import { createProducer } from '@kafkado/producer'
      const transport = http({ url: location.origin, apiKey: 'key' })
      const invoices = createProducer(transport, 'invoices')
      for await (const { value } of createConsumer(transport, 'orders', { group: 'shop' })) await invoices.send(value)`,
  },
  {
    // Fails when using one name no longer drops the rest of the package.
    name: 'one error class',
    needs: ['@kafkado/core'],
    code: `export { KafkaError } from '@kafkado/core'`,
  },
]

console.log(`${'case'.padEnd(20)}${'min kB'.padStart(9)}${'gzip kB'.padStart(9)}${'budget'.padStart(9)}`)
for (const { name, needs, code } of cases) {
  const missing = needs.filter((one) => !written(one))
  if (missing.length > 0) {
    console.log(`${name.padEnd(20)}  SKIPPED: nothing is written in ${missing.join(', ')} yet`)
    continue
  }
  try {
    report(name, await measure(code, nodeOnly.has(name)))
  } catch (error) {
    // esbuild has printed what it could not resolve.
    console.log(`${name.padEnd(20)}  FAILED: ${String(error).split('\n')[0]}`)
    process.exitCode = 1
  }
}
for (const fault of await bundleByVite(join(scripts, '..', 'tests'), pages())) {
  console.log(`FAILED  ${fault}`)
  process.exitCode = 1
}

/** What can be in a page, by name. */
function pages() {
  const inPages = cases.filter(({ name, needs }) => !nodeOnly.has(name) && needs.every(written))
  return Object.fromEntries(inPages.map(({ code }, index) => [`page-${index}`, code]))
}

function report(name, { minified, gzipped }) {
  const kB = (bytes) => (bytes / 1000).toFixed(2).padStart(9)
  const faults = minified === 0 ? ['nothing was measured'] : []
  if (!(gzipped <= budget[name] * 1000)) faults.push('over budget')
  for (const { file, said } of sizesInReadmes(name)) {
    if (!(Math.abs(said - gzipped / 1000) <= 0.5 + 0.1 * said)) faults.push(`${file} says ${said} kB`)
  }
  const line = `${name.padEnd(20)}${kB(minified)}${kB(gzipped)}${String(budget[name] ?? 'none').padStart(9)}`
  console.log(faults.length > 0 ? `${line}  FAILED: ${faults.join('; ')}` : line)
  if (faults.length > 0) process.exitCode = 1
}

/** What the README of a package and the table of the root one say. */
function sizesInReadmes(name) {
  const folder = packages.find((one) => one.name === name)?.folder
  if (folder === undefined) return []
  const said = (file, size) => ({
    file: relative(join(scripts, '..'), file),
    said: Number(size.exec(readFileSync(file, 'utf8'))?.[1]),
  })
  return [
    said(join(folder, 'README.md'), /^(\d+) kB/m),
    said(join(scripts, '..', 'README.md'), new RegExp(`^\\| \\[\`${name}\`\\].*\\| (\\d+) +\\|$`, 'm')),
  ]
}

async function measure(code, isNodeOnly) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: join(scripts, '..', 'tests'), sourcefile: 'page.js' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    minify: true,
    metafile: true,
    write: false,
    outdir: 'out',
    absWorkingDir: scripts,
    plugins: isNodeOnly ? [withoutBuiltIns] : [],
  })
  const contents = new Map(outputFiles.map(({ path, contents: bytes }) => [path, bytes]))
  let minified = 0
  let gzipped = 0
  for (const path of reachable(metafile)) {
    const bytes = contents.get(join(scripts, path)) ?? new Uint8Array()
    minified += bytes.length
    gzipped += gzipSync(bytes, { level: 9 }).length
  }
  return { minified, gzipped }
}

/** The first file, and what it imports at once. */
function reachable({ outputs }) {
  const [entry] = Object.keys(outputs).filter((path) => path.endsWith('stdin.js'))
  const found = new Set(entry ? [entry] : [])
  for (const path of found) {
    for (const { path: imported, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && !external) found.add(imported)
    }
  }
  return found
}
