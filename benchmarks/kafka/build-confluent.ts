// Builds Confluent's client from its source, which its package contains, in a folder outside the repository:
// `npm run exec -- node benchmarks/kafka/build-confluent.ts FOLDER`. It needs a C++ compiler, make and Python, and
// takes minutes.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { confluentFolderVariable, confluentPackage } from './load-confluent.ts'

const version = '1.10.1'
const builder = 'node-gyp@11.5.0'
// Of these librdkafka needs none against a broker without TLS and compression, and it would fetch their sources.
const features = ['ssl', 'curl', 'zstd', 'zlib', 'gssapi', 'lz4-ext'].map((name) => `--disable-${name}`)

const [given] = process.argv.slice(2)
if (!given) throw new Error('say in which folder to build it')
const folder = resolve(given)
// The headers lie beside the binary in Node's own archive.
const nodeFolder = dirname(dirname(process.execPath))
if (!existsSync(join(nodeFolder, 'include/node/node.h')))
  throw new Error(`there are no headers of Node in ${nodeFolder}`)

const run = (command: string, parameters: readonly string[], cwd: string): void => {
  execFileSync(command, parameters, { cwd, stdio: 'inherit' })
}

mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
writeFileSync(join(folder, 'pnpm-workspace.yaml'), 'packages: []\n')
// Its install script would download a binary.
run(
  'pnpm',
  [
    'add',
    '--ignore-scripts',
    '--save-exact',
    '--config.node-linker=hoisted',
    `${confluentPackage}@${version}`,
    builder,
  ],
  folder,
)
const source = join(folder, 'node_modules', confluentPackage)
// What is configured before is not configured by the build, whose own way fetches sources.
run('bash', ['./configure', '--enable-static', '--enable-strip', ...features], source)
run(join(folder, 'node_modules/.bin/node-gyp'), ['rebuild', `--nodedir=${nodeFolder}`], source)
console.log(`\n${confluentFolderVariable}=${folder}`)
