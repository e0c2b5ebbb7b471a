import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { compiledJava } from '../../scripts/compiled-java.ts'
import { fetchMavenLibraries, LibrariesUnavailable } from '../../scripts/maven-libraries.ts'
import type { Case, Outcome } from './case.ts'

const sources = new URL('java/', import.meta.url)
const libraries = { name: 'streams-oracle', pom: new URL('pom.xml', sources) }

/** How long Kafka Streams may take for a case, unless it is stuck. */
const limitSeconds = 60

/** Kafka Streams itself, in one process of Java for as many cases as are asked for; see StreamsOracle.java. */
export class KafkaStreams implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  readonly #stateFolder: string
  readonly #waiting: { asked: string; resolve: (outcome: Outcome) => void; reject: (error: Error) => void }[] = []
  #log = ''
  #limit: NodeJS.Timeout | undefined

  /** @throws {LibrariesUnavailable} when Java or Maven is missing, or does not reach the libraries */
  constructor() {
    const { error } = spawnSync('java', ['-version'])
    if (error) throw new LibrariesUnavailable(`There is no java on the PATH (${error.message})`)
    const jars = fetchMavenLibraries(libraries)
    const classes = compiledJava(sources, jars)
    this.#stateFolder = mkdtempSync(join(tmpdir(), 'kafkado-oracle-'))
    const options = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8']
    const classPath = [classes, join(jars, '*')].join(delimiter)
    this.#child = spawn('java', [...options, '-cp', classPath, 'StreamsOracle', this.#stateFolder])
    this.#gone = once(this.#child, 'exit').catch(() => undefined)
    this.#child.on('error', (error) => this.#failAll(String(error)))
    this.#child.on('exit', () => this.#failAll('it has ended'))
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = `${this.#log}${text}`.slice(-10_000)
    })
    if (this.#child.stdout)
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        this.#waiting.shift()?.resolve(JSON.parse(line) as Outcome)
        this.#watch()
      })
  }

  /**
   * What Kafka Streams makes of a case, with so many bytes of cache; where it `isMended`, without the defects that
   * Mended.java takes away. Cases are answered in the order in which they were asked for.
   */
  run(
    { operators, inputs }: Pick<Case, 'operators' | 'inputs'>,
    { cache = 0, isMended = false } = {},
  ): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const asked = JSON.stringify({ operators, inputs, cache, isMended })
      this.#waiting.push({ asked, resolve, reject })
      if (this.#waiting.length === 1) this.#watch()
      this.#child.stdin?.write(`${asked}\n`)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end()
    await this.#gone
    rmSync(this.#stateFolder, { recursive: true, force: true })
  }

  /** It is to answer what it was asked first. */
  #watch(): void {
    clearTimeout(this.#limit)
    const [first] = this.#waiting
    if (!first) return
    this.#limit = setTimeout(() => {
      this.#failAll(`it has had ${limitSeconds} seconds for ${first.asked}`)
      this.#child.kill('SIGKILL')
    }, limitSeconds * 1000)
  }

  #failAll(reason: string): void {
    for (const { reject } of this.#waiting.splice(0))
      reject(new Error(`Kafka Streams does not answer: ${reason}\n${this.#log}`))
  }
}
