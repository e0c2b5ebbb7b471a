import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installEnvironment } from './environment.mjs'
import { holdingLock } from './lock.mjs'
import { root } from './paths.mjs'
import { progress, runQuietly } from './run.mjs'

const stamp = join(root, 'node_modules', '.kafkado-install')

/** Installs the dependencies if anything that decides them changed since the last install that finished. */
export async function prepareProject(toolchain) {
  if (installed() === fingerprint()) return
  await holdingLock(async () => {
    // Whoever held the lock before us may have done the work.
    const wanted = fingerprint()
    if (installed() === wanted) return
    progress('installing dependencies')
    // Without the stamp an install that is killed half-way counts as none.
    rmSync(stamp, { force: true })
    await runQuietly(toolchain.pnpm, ['install', '--frozen-lockfile', '--trust-lockfile'], {
      cwd: root,
      env: installEnvironment(toolchain.binFolders),
    }).catch((error) => {
      throw new Error(`${error.message}\nIf a package.json changed: npm run exec -- pnpm install`)
    })
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(stamp, wanted)
  })
}

function installed() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined
}

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function manifests() {
  const packages = readdirSync(join(root, 'packages')).flatMap((name) => [`packages/${name}`, `packages/${name}/test`])
  return ['.', 'benchmarks', 'examples', 'tests', ...packages.sort()]
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(join(root, file)))
}
