import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fetchMavenLibraries, LibrariesUnavailable } from '../maven-libraries.ts'

const libraries = { name: 'kafka-cluster', pom: new URL('pom.xml', import.meta.url) }

export interface KafkaLibraries {
  /** Of the jars. */
  readonly folder: string
  /** Where class-archive.ts keeps what it makes. */
  readonly classArchive: string
}

let fetched: KafkaLibraries | undefined

/**
 * Fetches Apache Kafka's broker and tools, unless they are there.
 *
 * @throws {LibrariesUnavailable} when they cannot be fetched, or Java is missing or too old to run them
 */
export function fetchKafkaLibraries(): KafkaLibraries {
  if (fetched) return fetched
  checkJava()
  const folder = fetchMavenLibraries(libraries)
  fetched = { folder, classArchive: join(folder, 'classes.jsa') }
  return fetched
}

function checkJava(): void {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  if (error) throw new LibrariesUnavailable(`Apache Kafka cannot run: there is no java on the PATH (${error.message})`)
  const major = /version "(\d+)/.exec(stderr)?.[1]
  if (major !== undefined && Number(major) < 17)
    throw new LibrariesUnavailable(`Apache Kafka cannot run: its brokers need Java 17, and this is Java ${major}`)
}
