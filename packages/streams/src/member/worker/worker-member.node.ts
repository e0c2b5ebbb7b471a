import { Worker } from 'node:worker_threads'
import { KafkaError } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import type { StoreQuery } from '../../task/store-query.ts'
import type { Member } from '../member.ts'
import { metricNames } from '../metrics/meter.ts'
import type { FromWorker, QueryAnswer, StatusAnswer, ToWorker, WorkerSettings } from './member-messages.ts'
import { RequestServer } from './request-server.ts'
import { errorOf } from './thrown.ts'
import type { WorkerMemberParts } from './worker-member.ts'

/** A caller waiting for an answer of the worker. */
interface Asked {
  /** Undefined when the worker has ended. */
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** A member in its own thread. It sends its requests through this one. */
export class WorkerMember implements Member {
  readonly #entry: URL
  readonly #parts: WorkerMemberParts
  readonly #server: RequestServer
  readonly #asked = new Map<number, Asked>()
  #worker: Worker | undefined
  #ended: Promise<void> | undefined
  #onStarted!: () => void
  readonly #started = new Promise<void>((resolve) => {
    this.#onStarted = resolve
  })
  #nextId = 1
  /** Whether its end is expected: it is closed, or has reported why. */
  #mayEnd = false
  /** The subscribed metrics last reported to the worker. */
  #wanted = ''

  /** @param entry the module that runs the member in the worker */
  constructor(entry: URL, parts: WorkerMemberParts) {
    this.#entry = entry
    this.#parts = parts
    this.#server = new RequestServer(parts.transport, (message) => this.#post(message))
  }

  start(): Promise<void> {
    const { module, settings } = this.#parts
    const { runtime: _runtime, module: _module, onUncaughtError: _onUncaughtError, ...copied } = settings
    const workerData: WorkerSettings = { module: String(module), settings: copied }
    const worker = new Worker(this.#entry, { workerData })
    this.#worker = worker
    this.#ended = new Promise((resolve) => worker.once('exit', (code) => resolve(this.#onExit(code))))
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

  pause(isPaused: boolean): Promise<void> {
    return this.#ask<undefined>((id) => ({ type: 'pause', id, isPaused }), undefined)
  }

  async close(): Promise<void> {
    const { runtime, closeTimeoutMs } = this.#parts.settings
    // It ends by itself before that, unless its thread is blocked.
    const timer = runtime.clock.schedule(closeTimeoutMs, () => void this.#worker?.terminate())
    this.#mayEnd = true
    this.#post({ type: 'close' })
    await this.#ended
    timer.cancel()
  }

  /** @param otherwise the answer after the worker has ended */
  #ask<T>(message: (id: number) => ToWorker, otherwise: T): Promise<T> {
    if (!this.#worker) return Promise.resolve(otherwise)
    const id = this.#nextId++
    return new Promise<T | undefined>((resolve, reject) => {
      this.#asked.set(id, { resolve: resolve as Asked['resolve'], reject })
      this.#post(message(id))
    }).then((value) => value ?? otherwise)
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message)
  }

  #receive(message: FromWorker): void {
    const { events } = this.#parts
    this.#tellWanted()
    switch (message.type) {
      case 'send':
      case 'cancel':
        this.#server.receive(message)
        break
      case 'answer':
        this.#take(message.id)?.resolve(message.value)
        break
      case 'unanswered':
        this.#take(message.id)?.reject(errorOf(message.error))
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
      case 'plan':
        events.onPlan(message.plan)
        break
      case 'metric':
        events.meter.publish(message.name, message.message)
        break
      case 'error':
        events.onError(errorOf(message.error))
        break
      case 'failure':
        this.#fail(errorOf(message.error))
        break
      case 'closed':
        break
    }
  }

  /** Nothing reports new subscribers, but a worker sends messages all the time. */
  #tellWanted(): void {
    const { meter } = this.#parts.events
    const names = metricNames.filter((name) => meter.isWanted(name))
    if (names.join() === this.#wanted) return
    this.#wanted = names.join()
    this.#post({ type: 'wanted', names })
  }

  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    return asked
  }

  #fail(error: unknown): void {
    this.#mayEnd = true
    this.#onStarted()
    const failed = KafkaError.is(error)
      ? error
      : new KafkaError(`a worker of the application has ended: ${messageOf(error)}`, {
          code: 'THREAD_FAILED',
          cause: error,
        })
    this.#parts.events.onFailure(failed)
  }

  #onExit(code: number): void {
    this.#worker = undefined
    // No error was thrown: code of the module has ended the thread.
    if (!this.#mayEnd) this.#fail(new Error(`its thread has exited with code ${code}`))
    this.#server.stop()
    for (const { resolve } of this.#asked.values()) resolve(undefined)
    this.#asked.clear()
    this.#onStarted()
  }
}
