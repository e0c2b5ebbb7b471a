// Packs every built package as it would be published, and has publint and attw look at the archive.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishedPackages } from './published-packages.mjs'

const archives = mkdtempSync(join(tmpdir(), 'kafkado-packages-'))
try {
  for (const { name, folder, written } of publishedPackages()) {
    if (!written) console.log(`SKIPPED  ${name}: nothing is written in it yet`)
    else if (check(folder)) console.log(`ok       ${name}`)
    else {
      console.log(`FAILED   ${name}`)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(archives, { recursive: true, force: true })
}

function check(folder) {
  const before = new Set(readdirSync(archives))
  if (!runs(folder, 'pnpm', 'pack', '--pack-destination', archives)) return false
  const file = readdirSync(archives).find((name) => !before.has(name))
  if (!file) return false
  const archive = join(archives, file)
  const results = [
    runs(folder, 'publint', archive, '--strict'),
    runs(folder, 'attw', archive, '--profile', 'esm-only', '--no-emoji'),
    hasNoTests(archive),
  ]
  return results.every(Boolean)
}

function hasNoTests(archive) {
  const tests = spawnSync('tar', ['-tzf', archive], { encoding: 'utf8' }).stdout.match(/^.*\.test(-d)?\..*$/gm)
  if (tests) console.log(`The archive contains tests:\n${tests.join('\n')}`)
  return !tests
}

/** Shows what a tool says only when it finds something: eight clean reports would hide one that is not. */
function runs(cwd, file, ...args) {
  const shell = process.platform === 'win32'
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, encoding: 'utf8', shell })
  if (status !== 0)
    console.log([`> ${file} ${args.join(' ')}`, stdout, stderr, error?.message].filter(Boolean).join('\n'))
  return status === 0
}
