import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publishedPackages } from '../published-packages.mjs'
import { run } from './run.mjs'

const build = join(dirname(dirname(fileURLToPath(import.meta.url))), 'check.mjs')

/** Builds and packs each package as it would be published. */
export async function packAll(folder) {
  // What an earlier commit has built is neither of these sources nor all of theirs.
  const { status } = spawnSync('node', [build, 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('the packages cannot be built: npm run build')
  const packages = []
  for (const { name, folder: source, written } of publishedPackages()) {
    if (!written) continue
    const file = `${name.replaceAll(/[@/]/g, '-').replace(/^-/, '')}.tgz`
    const archive = join(folder, file)
    const packed = await run(source, ['pnpm', 'pack', '--out', archive])
    if (packed.status !== 0) throw new Error(`${name} cannot be packed: ${packed.stderr}${packed.stdout}`)
    const { stdout } = await run(folder, ['tar', '-xzOf', file, 'package/package.json'])
    packages.push({ name, manifest: JSON.parse(stdout), file, content: readFileSync(archive) })
  }
  return packages
}
