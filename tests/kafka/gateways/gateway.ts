import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { startKafkado } from '../../cli/run-kafkado.ts'

/** One that does not listen by then never will. */
const startDeadlineMs = 60_000

/** A stateless gateway in a process of its own, as a user starts it, which is killed and comes back on its port. */
export class Gateway {
  readonly url: string
  readonly #words: readonly string[]
  #process: ChildProcess | undefined
  #isUp = false

  constructor(bootstrapServers: string, port: number) {
    this.url = `http://127.0.0.1:${port}`
    this.#words = ['serve', '--kafka', bootstrapServers, '--port', String(port), '--json']
  }

  /** Whether it listens. */
  get isUp(): boolean {
    return this.#isUp
  }

  /**
   * Resolves when it listens.
   *
   * @throws with what it said when it ends before that
   */
  async start(): Promise<void> {
    const child = startKafkado(...this.#words)
    this.#process = child
    child.once('exit', () => {
      this.#isUp = false
      if (this.#process === child) this.#process = undefined
    })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const impatient = setTimeout(() => child.kill('SIGKILL'), startDeadlineMs)
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const { url } = JSON.parse(line) as { url: string }
        if (url !== this.url) throw new Error(`it listens at ${url}, not at ${this.url}`)
        this.#isUp = true
        return
      }
      throw new Error(`the gateway at ${this.url} ended before it listened: ${errors}`)
    } finally {
      clearTimeout(impatient)
    }
  }

  /** As kill -9 does. Resolves when it is gone; does nothing when it was. */
  async kill(): Promise<void> {
    const child = this.#process
    if (!child) return
    // From now on nobody counts on it.
    this.#isUp = false
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}
