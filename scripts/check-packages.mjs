// Packs every built package as it would be published, has publint and attw look at the archive, and looks at its files.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { archiveFaults, manifestFaults } from './packages/package-contents.ts'
import { publishedPackages } from './published-packages.mjs'

const archives = mkdtempSync(join(tmpdir(), 'kafkado-packages-'))
try {
  for (const { name, folder, manifest, written } of publishedPackages()) {
    if (!written) console.log(`SKIPPED  ${name}: nothing is written in it yet`)
    else if (check(folder, manifest)) console.log(`ok       ${name}`)
    else {
      console.log(`FAILED   ${name}`)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(archives, { recursive: true, force: true })
}

function check(folder, manifest) {
  const before = new Set(readdirSync(archives))
  if (!runs(folder, 'pnpm', 'pack', '--pack-destination', archives)) return false
  const file = readdirSync(archives).find((name) => !before.has(name))
  if (!file) return false
  const archive = join(archives, file)
  const results = [
    runs(folder, 'publint', archive, '--strict'),
    runs(folder, 'attw', archive, '--profile', 'esm-only', '--no-emoji'),
    holdsWhatItShould(folder, manifest, archive),
  ]
  return results.every(Boolean)
}

function holdsWhatItShould(folder, manifest, archive) {
  const unpacked = mkdtempSync(join(archives, 'unpacked-'))
  if (!runs(unpacked, 'tar', '-xzf', archive)) return false
  const root = join(unpacked, 'package')
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
  const faults = [
    ...manifestFaults(basename(folder), manifest),
    ...archiveFaults({ manifest, files: new Set(paths), read: (path) => readFileSync(join(root, path), 'utf8') }),
  ]
  if (faults.length > 0) console.log(faults.join('\n'))
  return faults.length === 0
}

/** Shows what a tool says only when it finds something: eight clean reports would hide one that is not. */
function runs(cwd, file, ...args) {
  const shell = process.platform === 'win32'
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, encoding: 'utf8', shell })
  if (status !== 0)
    console.log([`> ${file} ${args.join(' ')}`, stdout, stderr, error?.message].filter(Boolean).join('\n'))
  return status === 0
}
