import { once } from 'node:events'
import { systemClock } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { type ServedKafkado, serveKafkado, startKafkado } from '../cli/run-kafkado.ts'

/** A server that is killed and started again, on one folder and one port. */
export class MortalServer implements AsyncDisposable {
  #server: ServedKafkado | undefined
  readonly #folder: string
  readonly #options: readonly string[]
  /** Resolves when the server is there again. */
  up: Promise<void> = Promise.resolve()

  /** @param options further words of the command line */
  constructor(folder: string, ...options: string[]) {
    this.#folder = folder
    this.#options = options
  }

  get url(): string {
    return (this.#server as ServedKafkado).url
  }

  async start(): Promise<void> {
    this.#server = await serveKafkado(this.#folder, this.#port, ...this.#options)
  }

  async kill(): Promise<void> {
    await this.#end()
    this.up = this.start()
    await this.up
  }

  /** As `kill`, and the server that was to take its place is killed as well, so long after it was started. */
  async killTwice(afterMs: number): Promise<void> {
    await this.#end()
    this.up = (async () => {
      const process = startKafkado('serve', '--data', this.#folder, '--port', this.#port, ...this.#options)
      const gone = once(process, 'exit')
      await sleep(systemClock, afterMs)
      process.kill('SIGKILL')
      await gone
      await this.start()
    })()
    await this.up
  }

  end(): Promise<number | null> {
    return (this.#server as ServedKafkado).end()
  }

  /** Ends it, however it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.up.catch(() => undefined)
    await this.#end()
  }

  get #port(): string {
    return this.#server ? new URL(this.#server.url).port : '0'
  }

  async #end(): Promise<void> {
    const process = this.#server?.process
    if (!process || process.exitCode !== null || process.signalCode !== null) return
    const gone = once(process, 'exit')
    process.kill('SIGKILL')
    await gone
  }
}
