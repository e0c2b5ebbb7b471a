import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

const source = '--conditions=kafkado-source'
const script = (path) => join(root, ...path.split('/'))

/** What each word runs. Commands that take files run in the folder where the user typed them. */
const commands = {
  start: (args) => ({ argv: ['node', source, script('examples/orders/main.ts'), ...args], cwd: typedIn() }),
  kafkado: (args) => ({ argv: ['node', source, script('packages/kafkado/src/cli/main.ts'), ...args], cwd: typedIn() }),
  exec: (args) => ({ argv: withoutSeparator(args), cwd: typedIn() }),
  tool: (args) => ({ argv: args, cwd: root }),
  test: (args) => ({ argv: tests(args), cwd: root }),
  // What is compiled before is counted less precisely.
  coverage: (args) => ({ argv: tests(['--coverage', ...args]), cwd: root, env: { NODE_DISABLE_COMPILE_CACHE: '1' } }),
  kafka: (args) => ({ argv: ['node', source, script('scripts/kafka/main.ts'), ...args], cwd: typedIn() }),
  'test:kafka': (args) => ({ argv: ['node', source, script('scripts/kafka/test.ts'), ...args], cwd: root }),
  check: (args) => ({ argv: ['node', script('scripts/check.mjs'), ...args], cwd: root }),
  installs: (args) => ({ argv: ['node', script('scripts/installs/main.mjs'), ...withoutSeparator(args)], cwd: root }),
  vectors: (args) => ({
    argv: ['node', source, script('tests/vectors/main.ts'), ...withoutSeparator(args)],
    cwd: typedIn(),
  }),
  'streams:oracle': (args) => ({
    argv: ['node', source, script('tests/streams-oracle/main.ts'), ...withoutSeparator(args)],
    cwd: typedIn(),
  }),
  reliability: (args) => ({ argv: ['node', source, script('tests/reliability/main.ts'), ...args], cwd: root }),
  simulate: (args) => ({ argv: ['node', source, script('tests/simulation/main.ts'), ...args], cwd: typedIn() }),
  fuzz: (args) => ({
    argv: [
      'node',
      '--no-warnings',
      source,
      '--import',
      script('tests/fuzz/instrumentation.ts'),
      script('tests/fuzz/main.ts'),
      ...withoutSeparator(args),
    ],
    cwd: root,
  }),
  mutants: (args) => ({ argv: ['node', source, script('tests/mutants/main.ts'), ...args], cwd: root }),
  bench: (args) => ({ argv: ['node', source, script('benchmarks/main.ts'), ...args], cwd: root }),
}

/** Without the tests that want Apache Kafka, and with it Java. */
function tests(args) {
  return ['node', script('node_modules/vitest/vitest.mjs'), 'run', '--project', '!kafka', ...args]
}

export function commandFor(name, args) {
  if (!Object.keys(commands).includes(name)) throw new Error(`expected one of ${Object.keys(commands).join(', ')}`)
  const command = commands[name](args)
  if (command.argv.length === 0) throw new Error(`say what to run: npm run ${name} -- COMMAND …`)
  // pnpm itself must run while the lockfile is behind the manifests: it is what brings the lockfile up to date.
  return { ...command, needsProject: command.argv[0] !== 'pnpm' }
}

function withoutSeparator(args) {
  return args[0] === '--' ? args.slice(1) : args
}

/**
 * npm moves to the project's folder and keeps the user's own in INIT_CWD. An INIT_CWD that another project's npm
 * left behind says nothing about this command.
 */
function typedIn() {
  const { INIT_CWD: initial, npm_package_json: manifest } = process.env
  return initial && manifest && samePath(manifest, join(root, 'package.json')) ? initial : process.cwd()
}

function samePath(a, b) {
  try {
    return realpathSync(a) === realpathSync(b)
  } catch {
    return false
  }
}
