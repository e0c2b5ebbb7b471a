import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { untilServes } from './api-versions.ts'
import { checkFree } from './free-ports.ts'
import { javaArguments } from './java-arguments.ts'

/** A busy machine may take long; one that never serves must not hold a test run for ever. */
const startDeadlineMs = 120_000

/** Kafka's own heap is for servers. */
const memory = ['-Xms256m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError']

export interface BrokerOptions {
  readonly nodeId: number
  /** Of its PLAINTEXT listener. */
  readonly port: number
  readonly propertiesFile: string
  readonly logFile: string
  readonly jvmOptions: readonly string[]
  /** Is told when it has started a process and when that is gone. */
  readonly onProcess: () => void
}

/** One broker, which can die and come back on the same folder and ports. */
export class BrokerProcess {
  readonly #options: BrokerOptions
  #child: ChildProcess | undefined
  #gone: Promise<string> = Promise.resolve('not started')

  constructor(options: BrokerOptions) {
    this.#options = options
  }

  get nodeId(): number {
    return this.#options.nodeId
  }

  /** `localhost:PORT` of its PLAINTEXT listener. */
  get address(): string {
    return `localhost:${this.#options.port}`
  }

  /** What it has told since its folder was made. */
  get logFile(): string {
    return this.#options.logFile
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /**
   * Resolves when it answers requests.
   *
   * @throws with the end of its log when it ends before
   */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`broker ${this.nodeId} runs already`)
    // Otherwise another broker's answer would count for that of ours, which then ends.
    await checkFree(this.#options.port)
    this.#spawn()
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), startDeadlineMs)
    const serves = untilServes('127.0.0.1', this.#options.port, deadline.signal)
    try {
      await Promise.race([serves, this.#gone.then((how) => Promise.reject(new Error(how)))])
    } catch (error) {
      await this.kill()
      const { message } = error as Error
      throw new Error(`broker ${this.nodeId} did not start: ${message}\n${this.#logTail()}`, { cause: error })
    } finally {
      clearTimeout(timer)
      deadline.abort()
      await serves.catch(() => undefined)
    }
  }

  /** As kill -9 or a power cut does. Resolves when it is gone; does nothing when it was. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /**
   * Hands its partitions over and closes its files. A node that finds no controller to tell would wait for minutes,
   * so it is killed when `graceMs` are over.
   *
   * @throws when it had to be killed
   */
  async stop(graceMs = 60_000): Promise<void> {
    let killed = false
    const impatient = setTimeout(() => {
      killed = true
      void this.kill()
    }, graceMs)
    await this.#end('SIGTERM')
    clearTimeout(impatient)
    if (killed) throw new Error(`broker ${this.nodeId} did not stop within ${graceMs / 1000} s and was killed`)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal)
    await this.#gone
  }

  #spawn(): void {
    const { propertiesFile, logFile, jvmOptions, onProcess } = this.#options
    const log = openSync(logFile, 'a')
    const program = javaArguments({
      mainClass: 'kafka.Kafka',
      args: [propertiesFile],
      jvmOptions: [...memory, ...jvmOptions],
      logLevel: 'info',
    })
    const child = spawn('java', program, {
      stdio: ['ignore', log, log],
      // A terminal's Ctrl-C is for us; we end the brokers.
      detached: process.platform !== 'win32',
    })
    closeSync(log)
    this.#child = child
    this.#gone = once(child, 'exit').then(
      ([code, signal]) => `it ended (${signal ?? `exit code ${code}`})`,
      (error: unknown) => `it cannot be run (${String(error)})`,
    )
    void this.#gone.then(() => {
      this.#child = undefined
      onProcess()
    })
    onProcess()
  }

  #logTail(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-40).join('\n')
  }
}
