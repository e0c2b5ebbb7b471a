import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fetchMavenLibraries, hasMavenLibraries } from '../maven-libraries.ts'

const program = fileURLToPath(new URL('GoldenBatches.java', import.meta.url))
const libraries = { name: 'golden-kafka-clients', pom: new URL('pom.xml', import.meta.url) }

/**
 * Runs GoldenBatches.java, which drives Apache Kafka's own client library.
 *
 * @param input what it reads, for `read` and `murmur2`
 * @returns the lines it prints
 * @throws when Java or Maven is missing or the library cannot be fetched
 */
export function runGoldenBatches(mode: 'write' | 'read' | 'murmur2', input = ''): string[] {
  const output = execFileSync('java', ['-cp', `${fetchMavenLibraries(libraries)}/*`, program, mode], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return output.split('\n').filter((line) => line !== '')
}

/** Whether Kafka's library was fetched before, so that a run needs no network. */
export function hasLibraries(): boolean {
  return hasMavenLibraries(libraries)
}
