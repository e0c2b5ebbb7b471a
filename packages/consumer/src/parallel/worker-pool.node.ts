import { Worker } from 'node:worker_threads'
import { type AnyKafkaRecord, InvalidRequestError } from '@kafkado/core'
import { errorOfThrown, RecordBatchBuilder } from '@kafkado/core/internal'
import type { WorkerAnswer, WorkerPool, WorkerTask } from './worker-pool.ts'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const entry = new URL(`./worker-thread.node${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** @throws InvalidRequestError when the module cannot be loaded, or exports no handler */
export async function startWorkers(count: number, module: URL | string): Promise<WorkerPool> {
  const pool = new NodeWorkerPool(count, String(module))
  try {
    await pool.start()
  } catch (error) {
    await pool.close()
    throw error
  }
  return pool
}

class NodeWorkerPool implements WorkerPool {
  readonly #count: number
  readonly #module: string
  #threads: WorkerThread[] = []
  #isClosed = false

  constructor(count: number, module: string) {
    this.#count = count
    this.#module = module
  }

  async start(): Promise<void> {
    this.#threads = Array.from({ length: this.#count }, () => this.#thread())
    await Promise.all(this.#threads.map(({ ready }) => ready))
  }

  async handle(record: AnyKafkaRecord): Promise<void> {
    // Choose the thread with the fewest records.
    const thread = this.#threads.reduce((best, other) => (other.running < best.running ? other : best))
    await thread.handle(record)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  #thread(): WorkerThread {
    const thread = new WorkerThread(this.#module, () => {
      if (this.#isClosed) return
      // Its current records have failed; a new thread takes its place.
      const next = this.#thread()
      this.#threads = this.#threads.map((other) => (other === thread ? next : other))
      next.ready.catch(() => undefined)
    })
    return thread
  }
}

class WorkerThread {
  readonly #worker: Worker
  readonly #waiters = new Map<number, Waiter>()
  #nextId = 0
  /** Resolves when the module is loaded. */
  readonly ready: Promise<void>

  constructor(module: string, onEnd: () => void) {
    this.#worker = new Worker(entry, { workerData: { module } })
    this.ready = new Promise((resolve, reject) => this.#waiters.set(-1, { resolve, reject }))
    this.#worker.on('message', ({ id = -1, error }: WorkerAnswer) => {
      const waiter = this.#waiters.get(id)
      this.#waiters.delete(id)
      if (error) waiter?.reject(id < 0 ? new InvalidRequestError(error.message) : errorOfThrown(error))
      else waiter?.resolve()
    })
    let reason: Error | undefined
    this.#worker.on('error', (error: Error) => {
      reason = error
    })
    this.#worker.on('exit', (code) => {
      const ended = new Error(`a worker thread of ${module} ended with code ${code} while it processed records`, {
        cause: reason,
      })
      const hadLoaded = !this.#waiters.has(-1)
      for (const { reject } of this.#waiters.values()) reject(ended)
      this.#waiters.clear()
      // A module that ends its thread while loading would do so again.
      if (hadLoaded) onEnd()
    })
  }

  get running(): number {
    return this.#waiters.size
  }

  handle(record: AnyKafkaRecord): Promise<void> {
    const { topic, partition, offset, timestamp, rawKey: key, rawValue: value, rawHeaders: headers } = record
    const builder = new RecordBatchBuilder()
    builder.append({ timestamp, key, value, headers })
    const batch = builder.build({ baseOffset: offset }) as Uint8Array<ArrayBuffer>
    const task: WorkerTask = { id: this.#nextId++, topic, partition, batch }
    return new Promise((resolve, reject) => {
      this.#waiters.set(task.id, { resolve, reject })
      this.#worker.postMessage(task, [batch.buffer])
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
