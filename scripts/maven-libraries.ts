import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

/** Java libraries that a pom names. */
export interface MavenLibraries {
  /** What the folder in .toolchain is called. */
  readonly name: string
  readonly pom: URL
}

/** The libraries cannot be had here; the message says what was wanted and what could not be reached. */
export class LibrariesUnavailable extends Error {
  override readonly name = 'LibrariesUnavailable'
}

/** Whether they were fetched before, so that using them needs no network. */
export function hasMavenLibraries(libraries: MavenLibraries): boolean {
  return existsSync(folderOf(libraries))
}

/**
 * Fetches the jars, unless they are there.
 *
 * @returns the folder of the jars
 * @throws {LibrariesUnavailable} when Maven is missing or does not reach them
 */
export function fetchMavenLibraries(libraries: MavenLibraries): string {
  const folder = folderOf(libraries)
  if (existsSync(folder)) return folder
  process.stderr.write(`kafkado: fetching the Java libraries of ${libraries.name}\n`)
  // Into a folder of this process first, so that a run which is cut off or runs twice never leaves half of them.
  const unfinished = `${folder}-${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    copyDependencies(libraries, unfinished)
    if (!existsSync(folder)) renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

/** The pom is part of the name: one that was changed gets its libraries anew. */
function folderOf({ name, pom }: MavenLibraries): string {
  const fingerprint = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 8)
  return fileURLToPath(new URL(`../.toolchain/${name}-${fingerprint}`, import.meta.url))
}

function copyDependencies({ name, pom }: MavenLibraries, folder: string): void {
  const goal = ['-q', '-B', '-f', fileURLToPath(pom), 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`]
  const { status, error, stdout, stderr } = spawnSync('mvn', goal, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    timeout: 600_000,
  })
  if (status === 0) return
  const why = error ? whyItDidNotRun(error) : whatItSaid(`${stdout}${stderr}`)
  throw new LibrariesUnavailable(`The Java libraries of ${name} could not be fetched: ${why}`)
}

function whyItDidNotRun(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'Maven is not installed, there is no mvn on the PATH' : error.message
}

/** The first of its errors says it all. */
function whatItSaid(output: string): string {
  const lines = stripVTControlCharacters(output).split('\n')
  const said = lines.find((line) => line.startsWith('[ERROR]'))?.slice('[ERROR]'.length) ?? lines.join(' ')
  return said.trim() || 'Maven failed without saying why'
}
