// Compiles every public entry's declarations as a user does who checks libraries too, with the oldest TypeScript that
// the README names and with our own. Needs a build.
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

// Beside the tests, from where all packages resolve.
const parent = join(root, 'tests', '.snippets')
mkdirSync(parent, { recursive: true })
const folder = mkdtempSync(join(parent, 'declarations-'))
try {
  const entries = publishedPackages()
    .flatMap(({ name, manifest }) => Object.keys(manifest.exports).map((entry) => name + entry.slice(1)))
    .filter((entry) => !entry.endsWith('/package.json') && !leftOut.has(entry))
  writeFileSync(
    join(folder, 'entries.ts'),
    entries.map((entry, index) => `export type * as entry${index} from '${entry}'`).join('\n'),
  )
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    lib: ['ES2022', 'DOM'],
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  for (const compiler of ['typescript-oldest', 'typescript']) {
    const { version } = require(`${compiler}/package.json`)
    const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' })
    console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  TypeScript ${version}, ${entries.length} entries`)
    if (status !== 0) {
      console.log(stdout)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
