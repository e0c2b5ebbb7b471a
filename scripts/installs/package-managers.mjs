import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'
import { tool } from './tools.mjs'

const plainNode = async (file) => [process.execPath, file]
const nodeOfYarn = async (file) => [process.execPath, (await tool('yarn 4')) ?? '', 'node', file]

/** Each installs packages into a clean folder, answers with what was wrong, and knows how a program is run there. */
export const packageManagers = {
  npm: { install: byNpm, node: plainNode },
  pnpm: { install: byPnpm, node: plainNode },
  'yarn node-modules': { install: byYarn('node-modules'), node: plainNode },
  'yarn pnp': { install: byYarn('pnp'), node: nodeOfYarn },
}

async function byNpm(folder, names, registry) {
  prepare(folder, { '.npmrc': `registry=${registry}\n` })
  const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--prefer-offline']
  return faultsOf(await run(folder, ['npm', 'install', ...options, ...names]))
}

async function byPnpm(folder, names, registry) {
  // Without a workspace file of its own it would look for one in the folders above.
  prepare(folder, {
    '.npmrc': `registry=${registry}\n`,
    'pnpm-workspace.yaml': 'packages: []\nupdateNotifier: false\n',
  })
  return faultsOf(await run(folder, ['pnpm', 'add', '--prefer-offline', ...names]))
}

function byYarn(nodeLinker) {
  return async (folder, names, registry) => {
    const yarn = await tool('yarn 4')
    if (!yarn) return undefined
    const settings = {
      nodeLinker,
      npmRegistryServer: registry,
      unsafeHttpWhitelist: ['127.0.0.1'],
      enableTelemetry: false,
      enableImmutableInstalls: false,
      npmMinimalAgeGate: 0,
    }
    // The empty lock file says that the folder belongs to no project above it.
    prepare(folder, { '.yarnrc.yml': JSON.stringify(settings), 'yarn.lock': '' })
    return faultsOf(await run(folder, [process.execPath, yarn, 'add', ...names]))
  }
}

function prepare(folder, files) {
  mkdirSync(folder, { recursive: true })
  const manifest = JSON.stringify({ name: 'app', private: true, type: 'module' })
  for (const [name, content] of Object.entries({ 'package.json': manifest, ...files }))
    writeFileSync(join(folder, name), content)
}

/** Each line in which it warns, or the last lines when it failed. */
function faultsOf({ status, stdout, stderr }) {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  if (status !== 0) return [`exit code ${status}`, ...lines.slice(-12)]
  return lines.filter((line) => /\bwarn(ing)?\b|ignored build|deprecated|YN0002|YN0060|⚠/i.test(line))
}

/** What npm has put into a folder: how many packages, how many bytes, and which of them run scripts when installed. */
export function installed(folder) {
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8'))
  const scripts = Object.keys(lock.packages).filter((name) => lock.packages[name].hasInstallScript)
  const files = readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })
  const bytes = files
    .filter((file) => file.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  return { packages: Object.keys(lock.packages).length, bytes, scripts }
}
