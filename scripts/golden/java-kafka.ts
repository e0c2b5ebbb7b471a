import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const libraries = fileURLToPath(new URL('../../.toolchain/golden-kafka-clients', import.meta.url))

/**
 * Runs GoldenBatches.java, which drives Apache Kafka's own client library.
 *
 * @param input what it reads, for `read` and `murmur2`
 * @returns the lines it prints
 * @throws when Java or Maven is missing or the library cannot be fetched
 */
export function runGoldenBatches(mode: 'write' | 'read' | 'murmur2', input = ''): string[] {
  fetchLibraries()
  const output = execFileSync('java', ['-cp', `${libraries}/*`, `${here}GoldenBatches.java`, mode], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return output.split('\n').filter((line) => line !== '')
}

/** Whether Kafka's library was fetched before, so that a run needs no network. */
export function hasLibraries(): boolean {
  return existsSync(libraries)
}

/** Into a folder of this process first, so that a run which is cut off or runs twice never leaves half of them. */
function fetchLibraries(): void {
  if (existsSync(libraries)) return
  const unfinished = `${libraries}-${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  const goal = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${unfinished}`]
  execFileSync('mvn', goal, { cwd: here, stdio: ['ignore', 'ignore', 'pipe'] })
  if (!existsSync(libraries)) renameSync(unfinished, libraries)
}
