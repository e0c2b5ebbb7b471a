import { once } from 'node:events'
import { type ServedKafkado, serveKafkado } from '../cli/run-kafkado.ts'

/** A server that is killed and started again, on one folder and one port. */
export class MortalServer {
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
    this.#server = await serveKafkado(
      this.#folder,
      this.#server ? new URL(this.#server.url).port : '0',
      ...this.#options,
    )
  }

  async kill(): Promise<void> {
    const { process } = this.#server as ServedKafkado
    const gone = once(process, 'exit')
    process.kill('SIGKILL')
    this.up = gone.then(() => this.start())
    await this.up
  }

  end(): Promise<number | null> {
    return (this.#server as ServedKafkado).end()
  }
}
