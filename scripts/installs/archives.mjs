import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from '../published-packages.mjs'
import { run } from './run.mjs'

/** Packs each built package as it would be published. */
export async function packAll(folder) {
  const packages = []
  for (const { name, folder: source, written } of publishedPackages()) {
    if (!written) continue
    if (!existsSync(join(source, 'dist'))) throw new Error(`${name} is not built yet: npm run build`)
    const file = `${name.replaceAll(/[@/]/g, '-').replace(/^-/, '')}.tgz`
    const archive = join(folder, file)
    const packed = await run(source, ['pnpm', 'pack', '--out', archive])
    if (packed.status !== 0) throw new Error(`${name} cannot be packed: ${packed.stderr}${packed.stdout}`)
    const { stdout } = await run(folder, ['tar', '-xzOf', file, 'package/package.json'])
    packages.push({ name, manifest: JSON.parse(stdout), file, content: readFileSync(archive) })
  }
  return packages
}
