import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fetchMavenLibraries, hasMavenLibraries } from '../maven-libraries.ts'

const libraries = { name: 'golden-kafka-clients', pom: new URL('pom.xml', import.meta.url) }

/**
 * Runs GoldenBatches.java, which drives Apache Kafka's own client library.
 *
 * @param input what it reads, for `read` and `murmur2`
 * @returns the lines it prints
 * @throws when Java or Maven is missing or the library cannot be fetched
 */
export function runGoldenBatches(mode: 'write' | 'read' | 'murmur2', input = ''): string[] {
  return runJava('GoldenBatches', [mode], input)
}

/**
 * Runs GoldenMessages.java, which lets Apache Kafka's own message classes write requests and responses in all versions.
 *
 * @param apis their names
 * @returns the lines it prints
 * @throws as `runGoldenBatches`
 */
export function writeGoldenMessages(apis: readonly string[]): string[] {
  return runJava('GoldenMessages', apis, '')
}

function runJava(program: string, options: readonly string[], input: string): string[] {
  const source = fileURLToPath(new URL(`${program}.java`, import.meta.url))
  const output = execFileSync('java', ['-cp', `${fetchMavenLibraries(libraries)}/*`, source, ...options], {
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
