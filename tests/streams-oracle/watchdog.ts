import { Worker } from 'node:worker_threads'

/** How long ours may take for a case, and a good deal longer than Kafka Streams may. All have taken a second or two. */
const limitSeconds = 180

/**
 * Ends the process, and says with which case, when ours does not come to an end: a loop without an end lets nothing
 * else run, so it is watched from a thread of its own.
 */
export class Watchdog implements AsyncDisposable {
  /** The seed of the case at work, or -1; and how many there were. */
  readonly #state = new Int32Array(new SharedArrayBuffer(8))
  readonly #worker: Worker

  constructor(seconds = limitSeconds) {
    const workerData = { state: this.#state, seconds }
    this.#worker = new Worker(new URL('watchdog-worker.ts', import.meta.url), { workerData, execArgv: [] })
    this.end()
    this.#worker.unref()
  }

  begin(seed: number): void {
    Atomics.store(this.#state, 0, seed)
    Atomics.add(this.#state, 1, 1)
  }

  end(): void {
    Atomics.store(this.#state, 0, -1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}
