import { Worker } from 'node:worker_threads'
import { KafkaError } from '@kafkado/core'
import type { StoreQuery } from '../../task/store-query.ts'
import type { Member } from '../member.ts'
import type { FromWorker, QueryAnswer, StatusAnswer, ToWorker, WorkerSettings } from './member-messages.ts'
import { RequestServer } from './request-server.ts'
import { errorOf } from './thrown.ts'
import type { WorkerMemberParts } from './worker-member.ts'

/** A member in a thread of its own, which sends its requests by this one. */
export class WorkerMember implements Member {
  readonly #entry: URL
  readonly #parts: WorkerMemberParts
  readonly #server: RequestServer
  readonly #answers = new Map<number, (value: never) => void>()
  #worker: Worker | undefined
  #ended: Promise<void> | undefined
  #onStarted!: () => void
  readonly #started = new Promise<void>((resolve) => {
    this.#onStarted = resolve
  })
  #nextId = 1

  /** @param entry the module that runs the member in the worker */
  constructor(entry: URL, parts: WorkerMemberParts) {
    this.#entry = entry
    this.#parts = parts
    this.#server = new RequestServer(parts.transport, (message) => this.#post(message))
  }

  start(): Promise<void> {
    const { module, settings } = this.#parts
    const { runtime: _runtime, module: _module, ...copied } = settings
    const workerData: WorkerSettings = { module: String(module), settings: copied }
    const worker = new Worker(this.#entry, { workerData })
    this.#worker = worker
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve(this.#onExit())))
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', (error) => this.#fail(error))
    return this.#started
  }

  tasks(): Promise<StatusAnswer> {
    return this.#ask<StatusAnswer>((id) => ({ type: 'status', id }), [])
  }

  query(query: StoreQuery): Promise<QueryAnswer> {
    return this.#ask<QueryAnswer>((id) => ({ type: 'query', id, query }), undefined)
  }

  async close(): Promise<void> {
    const { runtime, closeTimeoutMs } = this.#parts.settings
    // It ends by itself before, unless something in it keeps it from doing anything.
    const timer = runtime.clock.schedule(closeTimeoutMs, () => void this.#worker?.terminate())
    this.#post({ type: 'close' })
    await this.#ended
    timer.cancel()
  }

  /** @param otherwise what a worker answers that has ended */
  #ask<T>(message: (id: number) => ToWorker, otherwise: T): Promise<T> {
    if (!this.#worker) return Promise.resolve(otherwise)
    const id = this.#nextId++
    return new Promise<T>((resolve) => {
      this.#answers.set(id, resolve as (value: never) => void)
      this.#post(message(id))
    }).then((value) => value ?? otherwise)
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message)
  }

  #receive(message: FromWorker): void {
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
      case 'started':
        this.#onStarted()
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
    this.#onStarted()
    const failed = KafkaError.is(error)
      ? error
      : new KafkaError(`a worker of the application has ended: ${String(error)}`, {
          code: 'THREAD_FAILED',
          cause: error,
        })
    this.#parts.events.onFailure(failed)
  }

  #onExit(): void {
    this.#worker = undefined
    this.#server.stop()
    for (const answer of this.#answers.values()) answer(undefined as never)
    this.#answers.clear()
    this.#onStarted()
  }
}
