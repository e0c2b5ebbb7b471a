import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

const source = '--conditions=kafkado-source'
const script = (path) => join(root, ...path.split('/'))

/** What each word runs. Commands that take files run in the folder where the user typed them. */
const commands = {
  start: (args) => ({ argv: ['node', source, script('packages/kafkado/src/start/main.ts'), ...args], cwd: typedIn() }),
  kafkado: (args) => ({ argv: ['node', source, script('packages/kafkado/src/cli/main.ts'), ...args], cwd: typedIn() }),
  exec: (args) => ({ argv: withoutSeparator(args), cwd: typedIn() }),
  tool: (args) => ({ argv: args, cwd: root }),
  // Without the tests that want Apache Kafka, and with it Java.
  test: (args) => ({
    argv: ['node', script('node_modules/vitest/vitest.mjs'), 'run', '--project', '!kafka', ...args],
    cwd: root,
  }),
  kafka: (args) => ({ argv: ['node', source, script('scripts/kafka/main.ts'), ...args], cwd: typedIn() }),
  'test:kafka': (args) => ({ argv: ['node', source, script('scripts/kafka/test.ts'), ...args], cwd: root }),
  check: (args) => ({ argv: ['node', script('scripts/check.mjs'), ...args], cwd: root }),
  vectors: (args) => ({
    argv: ['node', source, script('tests/vectors/main.ts'), ...withoutSeparator(args)],
    cwd: typedIn(),
  }),
  mutants: (args) => ({ argv: ['node', source, script('tests/mutants/main.ts'), ...args], cwd: root }),
  bench: (args) => ({ argv: ['node', source, script('benchmarks/main.ts'), ...args], cwd: root }),
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
