import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startProcess } from '../../processes/child-processes.ts'
import { javaArguments } from '../../../scripts/kafka/java-arguments.ts'
import { fetchKafkaLibraries } from '../../../scripts/kafka/kafka-libraries.ts'
import { LibrariesUnavailable } from '../../../scripts/maven-libraries.ts'

const program = fileURLToPath(new URL('JavaPeer.java', import.meta.url))

/** The longest that anything takes here is the first command, which waits for Java to compile the program. */
const answerDeadlineMs = 45_000
const endDeadlineMs = 5000

/** Tests that Kafka was given for by KAFKA_BROKERS run without Java where that cannot be had, and say so. */
export function hasJava(): boolean {
  try {
    fetchKafkaLibraries()
    return true
  } catch (error) {
    if (!(error instanceof LibrariesUnavailable) || process.env['CI']) throw error
    console.warn(`SKIPPED: Apache Kafka's Java client does not read and write beside ours: ${error.message}`)
    return false
  }
}

/** What JavaPeer.java tells of a consumer. */
export interface JavaEvent {
  readonly event: 'records' | 'assigned' | 'revoked' | 'failed'
  readonly name: string
  readonly [field: string]: unknown
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** A process of Java that does with Apache Kafka's own client what it is told; see JavaPeer.java. */
export class JavaPeer implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<string, (event: JavaEvent) => void>()
  #lastId = 0
  #log = ''

  constructor(bootstrapServers: string) {
    // It lives for seconds, so the faster of the compilers is worth more than the better one.
    const jvmOptions = ['-Xmx256m', '-XX:TieredStopAtLevel=1']
    const args = javaArguments({ mainClass: program, args: [bootstrapServers], jvmOptions, logLevel: 'warn' })
    this.#child = startProcess('java', args)
    this.#gone = once(this.#child, 'exit').catch(() => undefined)
    void this.#gone.then(() => this.#failAll('it has ended'))
    this.#child.on('error', (error) => this.#failAll(String(error)))
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = `${this.#log}${text}`.slice(-10_000)
    })
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', (line) => this.#receive(line))
  }

  /** @throws with what Java said when it fails, ends, or does not answer in time */
  call(command: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#settle(id)?.reject(this.#error(`${command}: no answer within ${answerDeadlineMs / 1000} s`))
      }, answerDeadlineMs)
      this.#waiting.set(id, {
        resolve: (result) => {
          clearTimeout(deadline)
          resolve(result)
        },
        reject: (error) => {
          clearTimeout(deadline)
          reject(error)
        },
      })
      this.#child.stdin?.write(`${JSON.stringify({ ...parameters, id, do: command })}\n`)
    })
  }

  /** Hears what is told of the consumer with this name. */
  listen(name: string, listener: (event: JavaEvent) => void): void {
    this.#listeners.set(name, listener)
  }

  /** It ends by itself when its input does; one that hangs is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), endDeadlineMs)
    this.#child.stdin?.end()
    await this.#gone
    clearTimeout(impatient)
  }

  #receive(line: string): void {
    const message = JSON.parse(line) as JavaEvent & { id?: number; result?: unknown; error?: string }
    if (message.id === undefined) return this.#listeners.get(message.name)?.(message)
    const waiting = this.#settle(message.id)
    if (message.error === undefined) waiting?.resolve(message.result)
    else waiting?.reject(this.#error(message.error))
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #failAll(reason: string): void {
    for (const id of this.#waiting.keys()) this.#settle(id)?.reject(this.#error(reason))
  }

  #error(reason: string): Error {
    return new Error(`Apache Kafka's Java client: ${reason}\n${this.#log}`)
  }
}
