// Every check of the repository, or those named on the command line, with one summary at the end. A failed check does
// not stop the others: one run tells everything that is wrong. `--no-tests` leaves out those that `npm test` runs as
// well.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const vitest = ['vitest', 'run', '--project', 'tests']

/** In an order in which what needs the built packages comes after the build. */
const checks = {
  build: [
    ['node', 'scripts/empty-outputs.mjs'],
    ['turbo', 'run', 'build', '--ui=stream', '--output-logs=errors-only'],
  ],
  typecheck: [
    ['tsc', '-p', 'tsconfig.json'],
    ['tsc', '-p', 'scripts'],
  ],
  lint: [['oxlint', '--type-aware', '--deny-warnings']],
  format: [['oxfmt', '--check']],
  knip: [['knip']],
  packages: [['node', 'scripts/check-packages.mjs']],
  declarations: [['node', 'scripts/check-declarations.mjs']],
  size: [['node', 'scripts/check-size.mjs']],
  api: [['node', 'scripts/check-api.mjs']],
  architecture: [[...vitest, 'architecture']],
  snippets: [[...vitest, 'readme-snippets']],
}

const tests = ['architecture', 'snippets']
const words = process.argv.slice(2)
const all = Object.keys(checks).filter((name) => !words.includes('--no-tests') || !tests.includes(name))
const asked = words.filter((word) => word !== '--no-tests')
const unknown = asked.filter((name) => !(name in checks))
if (unknown.length > 0) {
  console.error(`No such check: ${unknown.join(', ')}. There are ${Object.keys(checks).join(', ')}.`)
  process.exit(2)
}

const results = []
for (const name of asked.length > 0 ? asked : all) {
  console.log(`\n── ${name}`)
  const started = performance.now()
  const passed = checks[name].map(runs).every(Boolean)
  results.push({ name, passed, seconds: (performance.now() - started) / 1000 })
}

console.log('\n── summary')
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(14)}${seconds.toFixed(1).padStart(6)} s`)
}
if (results.some(({ passed }) => !passed)) process.exitCode = 1

function runs([file, ...args]) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (error) console.error(`${file}: ${error.message}`)
  return status === 0
}
