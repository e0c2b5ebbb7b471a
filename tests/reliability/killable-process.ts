import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fromSource, startProcess } from '../processes/child-processes.ts'

/** A process of a test, from a file with its own parameters, which never outlives the test. */
export class KillableProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>

  constructor(file: string, ...parameters: string[]) {
    this.#child = startProcess(process.execPath, [fromSource, file, ...parameters], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#gone = once(this.#child, 'exit')
  }

  /** Whether it runs, as far as is known. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /**
   * What it says next by `process.send`.
   *
   * @throws when it ends before
   */
  async message(): Promise<unknown> {
    const ended = this.#gone.then(() => {
      throw new Error(
        `the process ended with ${this.#child.signalCode ?? this.#child.exitCode} before it said anything`,
      )
    })
    const [message] = (await Promise.race([once(this.#child, 'message'), ended])) as [unknown]
    return message
  }

  /** Sends a signal that does not end it: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it; resolves to its exit code, or null when a signal has ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isAlive) this.#child.kill(signal)
    await this.#gone
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}
