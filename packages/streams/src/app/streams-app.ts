import { createAdmin } from '@kafkado/admin'
import { InvalidRequestError, KafkaError, type Transport } from '@kafkado/core'
import { murmur2 } from '@kafkado/producer/internal'
import type { TopologyDescription } from '../dsl/startable.ts'
import { describeTopology, explainTopology } from '../graph/describe.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { answerQuery } from './queries/query-handler.ts'
import { askOwner } from './queries/ask-owner.ts'
import type { QueryServer, QueryServerOptions } from './queries/query-server.ts'
import { platform } from '../platform.ts'
import { queryStore } from '../task/query-stores.ts'
import { StoreView } from './queries/store-view.ts'
import { encodeKey } from '../task/output/sink-encoder.ts'
import type { GlobalStores } from '../member/global-stores.ts'
import type { Plan } from '../plan/plan.ts'
import type { RepartitionPurge } from '../member/repartition-purge.ts'
import type { StreamThread } from '../member/member-loop.ts'
import type { StreamsEvents, StreamsEventTarget, StreamsState } from './streams-events.ts'
import type { StreamsSettings } from '../streams-options.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { statusOf } from '../task/task-status.ts'
import type { TaskStatus } from '../task/task-status.ts'
import type { QueryEntry, QueryRequest, ThreadPool } from '../member/worker/thread-pool.ts'

export interface StreamsAppParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly plan: Plan
  readonly settings: StreamsSettings
  readonly events: StreamsEventTarget
  readonly globals: GlobalStores
}

/** A topology that runs. Made by `start()`. Kafka: KafkaStreams. */
export class StreamsApp implements AsyncDisposable {
  readonly #parts: StreamsAppParts
  #thread: StreamThread | undefined
  #pool: ThreadPool | undefined
  #purge: RepartitionPurge | undefined
  #state: StreamsState = 'starting'
  #error: unknown
  /** Whether `start()` has come to its end. */
  #hasStarted = false
  #server: QueryServer | undefined
  #closing: Promise<void> | undefined

  /** @internal use start() */
  constructor(parts: StreamsAppParts) {
    this.#parts = parts
  }

  /** The name of the application, which is that of its group. */
  get application(): string {
    return this.#parts.settings.application
  }

  get state(): StreamsState {
    return this.#state
  }

  /** Why it has failed; undefined unless its state is `failed`. */
  get error(): unknown {
    return this.#error
  }

  /** Listens to what happens to it. @returns what stops listening */
  on<Name extends keyof StreamsEvents>(name: Name, listener: (event: StreamsEvents[Name]) => void): () => void {
    return this.#parts.events.on(name, listener)
  }

  /** What this process works on. */
  async tasks(): Promise<readonly TaskStatus[]> {
    return this.#pool ? this.#pool.tasks() : (this.#thread?.tasks ?? []).map((running) => statusOf(running))
  }

  /** The topology as text and as a Mermaid diagram. */
  describe(): TopologyDescription {
    return describeTopology(this.#parts.topology)
  }

  /** Each internal topic and why it exists. */
  explain(): string {
    return explainTopology(this.#parts.topology, this.application)
  }

  /**
   * The way to read a store.
   *
   * @param store its name: that of `{ name }`, or of the table's `storeName`
   * @throws InvalidRequestError when the topology has no such store
   */
  query<V = unknown, K = string>(store: string): StoreView<K, V> {
    const stores = this.#parts.topology.subtopologies.flatMap(({ stores: own }) => own.map(({ name }) => name))
    const globals = this.#parts.topology.globals.map((global) => global.store.name)
    if (![...stores, ...globals].includes(store))
      throw new InvalidRequestError(
        `there is no store '${store}'; the topology has ${[...stores, ...globals].map((name) => `'${name}'`).join(', ') || 'none'}`,
      )
    return new StoreView<K, V>(
      (key, range) => this.#ask(store, key, range),
      () => this.queryAll(store),
    )
  }

  /**
   * Answers the queries of other members of the application, and of whoever knows `queryKey`: a handler for any server that speaks `fetch`. Give
   * the address at which it is reached as `advertisedUrl`.
   */
  readonly handleQuery = (request: Request): Promise<Response> =>
    answerQuery(request, (query) => this.queryLocal(query), this.#parts.settings.queryKey)

  /**
   * Serves {@link handleQuery} until the application is closed. Node.js alone.
   *
   * @returns where it is reached
   */
  async serveQueries(options: QueryServerOptions = {}): Promise<string> {
    this.#server ??= await platform.serveQueries(this.handleQuery, options)
    return this.#server.url
  }

  /** @internal answers by the tasks of this process alone; undefined where they do not have it */
  async queryLocal(request: QueryRequest): Promise<readonly QueryEntry[] | undefined> {
    const global = this.#parts.globals.stores.get(request.store)
    if (global) return queryStore(global, request)
    const { store, key } = request
    const partition = key && this.partitionOf(store, key)
    if (this.#pool)
      return (await this.#pool.query(partition === undefined ? request : { ...request, partition }))?.entries
    const running = (this.#thread?.tasks ?? []).find(
      ({ task, isReady }) => isReady && task.stores.has(store) && task.partition === partition,
    )
    const found = running?.task.stores.get(store)
    return found && queryStore(found, request)
  }

  /** @internal */
  async queryAll(store: string): Promise<readonly QueryEntry[]> {
    const global = this.#parts.globals.stores.get(store)
    if (global) return queryStore(global, { store, key: undefined })
    if (this.#pool) return (await this.#pool.query({ store, key: undefined }))?.entries ?? []
    return (this.#thread?.tasks ?? []).flatMap(({ task, isReady }) => {
      const found = isReady ? task.stores.get(store) : undefined
      return found ? queryStore(found, { store, key: undefined }) : []
    })
  }

  /** @internal the partition of the task that has a key */
  partitionOf(store: string, key: Uint8Array): number {
    const count = this.#parts.plan.stores.find(({ name }) => name === store)?.partitions ?? 1
    return (murmur2(key) & 0x7fffffff) % count
  }

  /**
   * Commits what was processed, leaves the group, and ends, within `closeTimeout`; what an ephemeral application made on the server is removed. May be
   * called more than once. Does not fail.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  async run(parts: { thread?: StreamThread; pool?: ThreadPool; purge?: RepartitionPurge }): Promise<void> {
    this.#thread = parts.thread
    this.#pool = parts.pool
    this.#purge = parts.purge
    this.#purge?.start()
    this.#thread?.start()
    await (this.#thread?.assigned ?? this.#pool?.assigned)
    if (this.#state !== 'failed') await this.onTasks()
    if (this.#state === 'failed') throw this.#error
    this.#hasStarted = true
  }

  /** @internal the tasks have changed */
  async onTasks(): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed' || this.#state === 'failed') return
    const tasks = await this.tasks()
    // Meanwhile it may have begun to end.
    if (this.#closing) return
    this.#change(tasks.some(({ state }) => state === 'restoring') ? 'restoring' : 'running')
  }

  /** @internal it cannot go on */
  async onFailure(error: unknown): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed' || this.#state === 'failed') return
    this.#error = error
    // Whoever started it has no application to listen to yet, and is told by start().
    const wasStarting = !this.#hasStarted
    this.#change('failed')
    this.#closing ??= this.#end()
    await this.#closing
    const isHeard = this.#parts.events.emit('error', { error })
    if (isHeard || wasStarting) return
    // As an 'error' of an EventEmitter: nobody would ever learn that it has ended.
    queueMicrotask(() => {
      throw error
    })
  }

  async #close(): Promise<void> {
    this.#change('closing')
    await this.#end()
    this.#change('closed')
  }

  /** Whatever has not ended when the time is over goes on by itself, and keeps nobody waiting. */
  async #end(): Promise<void> {
    const { runtime, closeTimeoutMs } = this.#parts.settings
    const limit = new AbortController()
    const timer = runtime.clock.schedule(closeTimeoutMs, () => limit.abort())
    await unlessAborted(limit.signal, this.#endAll()).catch(() => undefined)
    timer.cancel()
  }

  async #endAll(): Promise<void> {
    const { globals, settings, plan, transport } = this.#parts
    this.#purge?.stop()
    await this.#server?.close()
    await this.#thread?.close()
    await this.#pool?.close()
    await globals.close()
    if (!settings.isEphemeral) return
    const admin = createAdmin(transport)
    const topics = [...plan.stores.map(({ changelog }) => changelog), ...plan.repartitions.map(({ topic }) => topic)]
    await Promise.allSettled([
      ...topics.map((topic) => admin.deleteTopic(topic)),
      admin.deleteGroup(settings.application),
    ])
  }

  async #ask(store: string, key: unknown, range?: { from: number; to: number }): Promise<readonly QueryEntry[]> {
    const definition = this.#parts.topology.subtopologies
      .flatMap(({ stores }) => stores)
      .concat(this.#parts.topology.globals.map((global) => global.store))
      .find(({ name }) => name === store)
    if (!definition || key === null || key === undefined)
      throw new InvalidRequestError(`store '${store}': give a key to look for`)
    const written = encodeKey({ name: store, key: definition.keySerde, value: definition.valueSerde }, key)
    const partition = this.partitionOf(store, written as Uint8Array)
    const request: QueryRequest = { store, key: written as Uint8Array, partition, ...range }
    const { transport, topology, names, settings } = this.#parts
    const { application, queryKey } = settings
    const entries =
      (await this.queryLocal(request)) ??
      (await askOwner({ transport, topology, names, application, queryKey }, request))
    if (entries) return entries
    throw new KafkaError(
      `store '${store}': the task that has the key is not here now: it is restored, moves, or runs at another member of '${this.application}'`,
      { code: 'STORE_NOT_AVAILABLE', retriable: true, outcome: 'failed' },
    )
  }

  #change(state: StreamsState): void {
    const previous = this.#state
    if (previous === state || previous === 'closed' || (previous === 'failed' && state !== 'failed')) return
    this.#state = state
    this.#parts.events.emit('state', { state, previous })
  }
}
