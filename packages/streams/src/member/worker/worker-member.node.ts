import { Worker } from 'node:worker_threads'
import { KafkaError } from '@kafkado/core'
import { RequestServer } from './request-server.ts'
import type { FromThread, QueryAnswerMessage, StatusAnswer, ThreadData, ToThread } from './member-messages.ts'
import type { QueryAnswer, QueryRequest, ThreadPool, ThreadPoolParts } from './thread-pool.ts'
import { errorOf } from './thrown.ts'
import type { TaskStatus } from '../../task/task-status.ts'

const entry = new URL(`../../stream-worker.node${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

export function startThreads(parts: ThreadPoolParts): Promise<ThreadPool> {
  return Promise.resolve(new NodeThreadPool(parts))
}

class NodeThreadPool implements ThreadPool {
  readonly #threads: readonly StreamWorker[]
  readonly assigned: Promise<void>

  constructor(parts: ThreadPoolParts) {
    this.#threads = Array.from({ length: parts.settings.workers }, () => new StreamWorker(parts))
    this.assigned = Promise.all(this.#threads.map((thread) => thread.assigned)).then(() => undefined)
  }

  async tasks(): Promise<readonly TaskStatus[]> {
    return (await Promise.all(this.#threads.map((thread) => thread.tasks()))).flat()
  }

  async query(request: QueryRequest): Promise<QueryAnswer | undefined> {
    const answers = await Promise.all(this.#threads.map((thread) => thread.query(request)))
    const found = answers.filter((answer) => answer !== undefined)
    return found.length === 0 ? undefined : { entries: found.flat() }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}

/** A thread that runs tasks as a member of its own. */
class StreamWorker {
  readonly #worker: Worker
  readonly #server: RequestServer
  readonly #parts: ThreadPoolParts
  readonly #answers = new Map<number, (value: never) => void>()
  readonly #ended: Promise<void>
  readonly assigned: Promise<void>
  #onAssigned!: () => void
  #nextId = 1
  #isOver = false

  constructor(parts: ThreadPoolParts) {
    this.#parts = parts
    this.assigned = new Promise((resolve) => (this.#onAssigned = resolve))
    const { runtime: _, module, ...settings } = parts.settings
    const data: ThreadData = { module: String(module), settings }
    this.#worker = new Worker(entry, { workerData: data })
    this.#server = new RequestServer(parts.transport, (message) => this.#post(message))
    this.#ended = new Promise((resolve) => this.#worker.once('exit', () => resolve(this.#onExit())))
    this.#worker.on('message', (message: FromThread) => this.#receive(message))
    this.#worker.on('error', (error) => this.#fail(error))
  }

  tasks(): Promise<StatusAnswer> {
    return this.#ask<StatusAnswer>((id) => ({ type: 'status', id }), [])
  }

  query(request: QueryRequest): Promise<QueryAnswerMessage> {
    return this.#ask<QueryAnswerMessage>((id) => ({ type: 'query', id, request }), undefined)
  }

  async close(): Promise<void> {
    const { runtime, closeTimeoutMs } = this.#parts.settings
    // It ends by itself before, unless something in it keeps it from doing anything.
    const timer = runtime.clock.schedule(closeTimeoutMs, () => void this.#worker.terminate())
    this.#post({ type: 'close' })
    await this.#ended
    timer.cancel()
  }

  /** @param otherwise what a thread answers that has ended */
  #ask<T>(message: (id: number) => ToThread, otherwise: T): Promise<T> {
    if (this.#isOver) return Promise.resolve(otherwise)
    const id = this.#nextId++
    return new Promise<T>((resolve) => {
      this.#answers.set(id, resolve as (value: never) => void)
      this.#post(message(id))
    }).then((value) => value ?? otherwise)
  }

  #post(message: ToThread): void {
    if (!this.#isOver) this.#worker.postMessage(message)
  }

  #receive(message: FromThread): void {
    const { events } = this.#parts
    switch (message.type) {
      case 'send':
      case 'cancel':
        this.#server.receive(message)
        break
      case 'answer':
        this.#answers.get(message.id)?.(message.value as never)
        this.#answers.delete(message.id)
        break
      case 'assigned':
        this.#onAssigned()
        break
      case 'tasks':
        events.onTasks()
        break
      case 'restore':
        events.onRestore(message.progress)
        break
      case 'failure':
        this.#fail(errorOf(message.error))
        break
      case 'closed':
        break
    }
  }

  #fail(error: unknown): void {
    this.#onAssigned()
    const failed = KafkaError.is(error)
      ? error
      : new KafkaError(`a thread of the application has ended: ${String(error)}`, {
          code: 'THREAD_FAILED',
          cause: error,
        })
    this.#parts.events.onFailure(failed)
  }

  #onExit(): void {
    this.#isOver = true
    this.#server.stop()
    for (const answer of this.#answers.values()) answer(undefined as never)
    this.#onAssigned()
  }
}
