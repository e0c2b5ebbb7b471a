import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { compiledJava } from '../../scripts/compiled-java.ts'
import { fetchMavenLibraries } from '../../scripts/maven-libraries.ts'
import type { Job, Spent } from './job.ts'

const java = new URL('java/', import.meta.url)
const libraries = { name: 'kafka-streams-benchmark', pom: new URL('pom.xml', java) }
const ours = fileURLToPath(new URL('kafkado-application.ts', import.meta.url))

export type Side = 'kafkado' | 'Kafka Streams'
export const sides: readonly Side[] = ['kafkado', 'Kafka Streams']

/** An application in a process of its own, that runs since it was started. */
export class Application implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #output: Promise<string>
  readonly #errors: Promise<string>
  readonly #ended: Promise<unknown>

  /** @throws {LibrariesUnavailable} for Kafka Streams, when Java, Maven or the libraries are missing */
  constructor(side: Side, job: Job) {
    const [command, args] = side === 'kafkado' ? commandOfOurs() : commandOfJava()
    this.#child = spawn(command, [...args, JSON.stringify(job)], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdin.on('error', () => undefined)
    this.#output = text(this.#child.stdout)
    this.#errors = text(this.#child.stderr)
    this.#ended = once(this.#child, 'close')
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** What it has taken since the warm-up; it ends then. @throws with what it wrote of its errors, where it failed */
  async spent(): Promise<Spent> {
    this.#child.stdin.write('\n')
    await this.#ended
    const [output, errors] = await Promise.all([this.#output, this.#errors])
    const line = output.trim().split('\n').at(-1)
    if (this.#child.exitCode !== 0 || !line) throw new Error(`the application has failed:\n${errors}${output}`)
    return JSON.parse(line) as Spent
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) this.#child.kill('SIGKILL')
    await this.#ended
  }
}

function commandOfOurs(): [string, string[]] {
  return [process.execPath, ['--conditions=kafkado-source', ours]]
}

/** With Java's own choice of heap, collector and compilers. */
function commandOfJava(): [string, string[]] {
  const jars = fetchMavenLibraries(libraries)
  return ['java', ['-cp', [compiledJava(java, jars), join(jars, '*')].join(delimiter), 'StreamsBenchmark']]
}

/** The first line that `java -version` prints. */
export function javaVersion(): string {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  return stderr?.split('\n')[0] ?? 'no java'
}
