// Compiles every public entry's declarations as a user does who checks libraries too, with the oldest TypeScript that
// the README names and with our own: for Node, and for a page without Node's types. Needs a build.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publishedPackages } from './published-packages.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(import.meta.url)
/** The declarations of lmdb itself do not compile in a module of this kind. */
const leftOut = new Set(['@kafkado/broker/lmdb'])
const forPages = new Set(['core', 'producer', 'consumer', 'admin', 'streams'].map((name) => `@kafkado/${name}`))

const entries = publishedPackages()
  .flatMap(({ name, manifest }) =>
    Object.keys(manifest.exports)
      .filter((entry) => !entry.includes('*'))
      .map((entry) => ({ name, path: name + entry.slice(1) })),
  )
  .filter(({ path }) => !path.endsWith('/package.json') && !leftOut.has(path))
const places = {
  node: { entries, options: { module: 'nodenext', types: ['node'], lib: ['ES2022', 'DOM'] } },
  page: {
    // What siblings share in Node alone is not for pages.
    entries: entries.filter(({ name, path }) => forPages.has(name) && !path.endsWith('/internal/node')),
    options: {
      module: 'esnext',
      moduleResolution: 'bundler',
      types: [],
      lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
    },
  },
}

// Beside the tests, from where all packages resolve.
const parent = join(root, 'tests', '.snippets')
mkdirSync(parent, { recursive: true })
for (const [place, { entries: imported, options }] of Object.entries(places)) {
  const folder = mkdtempSync(join(parent, 'declarations-'))
  try {
    const imports = imported.map(({ path }, index) => `export type * as entry${index} from '${path}'`)
    writeFileSync(join(folder, 'entries.ts'), imports.join('\n'))
    const compilerOptions = { target: 'es2022', strict: true, skipLibCheck: false, noEmit: true, ...options }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    for (const compiler of ['typescript-oldest', 'typescript']) compiles(folder, compiler, place, imports.length)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compiles(folder, compiler, place, count) {
  const manifest = require.resolve(`${compiler}/package.json`)
  const tsc = join(dirname(manifest), 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' })
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'}  ${place}: ${count} entries, TypeScript ${require(manifest).version}`,
  )
  if (status === 0) return
  console.log(stdout)
  process.exitCode = 1
}
