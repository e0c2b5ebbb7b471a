import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { compiledJava } from '../../scripts/compiled-java.ts'
import { fetchMavenLibraries, LibrariesUnavailable } from '../../scripts/maven-libraries.ts'
import type { Vector } from '../vectors/vector.ts'
import type { Case, CaseOutput, Outcome } from './case.ts'

const sources = new URL('java/', import.meta.url)
const libraries = { name: 'streams-oracle', pom: new URL('pom.xml', sources) }

/** What became of a vector: what came out, or why it did not run; see VectorRun.java. */
export type VectorOutcome =
  | {
      readonly outputs: readonly (CaseOutput & { readonly headers?: Readonly<Record<string, string>> })[]
      readonly dropped: number
      /** With which input and error the application ended. */
      readonly end?: { readonly step: number; readonly error: string }
      readonly stores?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    }
  | { readonly error: string }

/** How long Kafka Streams may take for a case, unless it is stuck. */
const limitSeconds = 60

/** Kafka Streams itself, in one process of Java for as many cases as are asked for; see StreamsOracle.java. */
export class KafkaStreams implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  readonly #stateFolder: string
  readonly #waiting: { asked: string; resolve: (outcome: unknown) => void; reject: (error: Error) => void }[] = []
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
        this.#waiting.shift()?.resolve(JSON.parse(line))
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
    return this.#ask<Outcome>({ operators, inputs, cache, isMended })
  }

  /** What Kafka Streams makes of a vector. It does not know every operation. */
  runVector({ operation, params, inputs }: Pick<Vector, 'operation' | 'params' | 'inputs'>): Promise<VectorOutcome> {
    return this.#ask<VectorOutcome>({ operation, params, inputs })
  }

  #ask<Answer>(question: object): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const asked = JSON.stringify(question)
      this.#waiting.push({ asked, resolve: (outcome) => resolve(outcome as Answer), reject })
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
