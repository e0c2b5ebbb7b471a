import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packagesFolder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages')

/** The packages that are published, with whether anything has been written in them yet. */
export function publishedPackages() {
  return readdirSync(packagesFolder)
    .map((name) => {
      const folder = join(packagesFolder, name)
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const sources = readdirSync(join(folder, 'src'))
      const written = sources.length > 1 || readFileSync(join(folder, 'src', 'index.ts'), 'utf8').trim() !== 'export {}'
      return { name: manifest.name, folder, manifest, written }
    })
    .filter(({ manifest }) => !manifest.private)
}
