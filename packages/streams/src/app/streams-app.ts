import { DisconnectedError, type Transport } from '@kafkado/core'
import { bounded, type EventListeners } from '@kafkado/core/internal'
import { describeTopology, explainTopology, type TopologyDescription } from '../graph/describe.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { ChannelMeter } from '../member/metrics/channel-meter.ts'
import { removeInternalTopics } from '../plan/remove-internal-topics.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import type { TaskStatus } from '../task/task-status.ts'
import type { KeptPlan } from './kept-plan.ts'
import { QueryRouter } from './queries/query-router.ts'
import type { QueryServerOptions } from './queries/query-server.ts'
import type { StoreView } from './queries/store-view.ts'
import type { PlaceEvents, ReplaceableMember } from './replaceable-member.ts'
import { type StreamsEvents, streamsEventsOf, type StreamsState } from './streams-events.ts'

export interface StreamsAppParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly keptPlan: KeptPlan
  readonly settings: StreamsSettings
  /** Makes the places of the members of this process. */
  readonly membersFor: (events: PlaceEvents) => readonly ReplaceableMember[]
}

/** A running topology, made by `start()`. Kafka: KafkaStreams. */
export class StreamsApp implements AsyncDisposable {
  readonly #parts: StreamsAppParts
  readonly #events: EventListeners<StreamsEvents>
  readonly #members: readonly ReplaceableMember[]
  readonly #queries: QueryRouter
  #state: StreamsState = 'starting'
  #isPaused = false
  #error: unknown
  /** Whether `start()` has settled. */
  #hasStarted = false
  #closing: Promise<void> | undefined

  /** @internal use start() */
  constructor(parts: StreamsAppParts) {
    this.#parts = parts
    this.#events = streamsEventsOf(parts.settings.application)
    this.#members = parts.membersFor({
      meter: new ChannelMeter(parts.settings.application),
      onTasks: () => void this.#onTasks(),
      onRestore: (progress) => void this.#events.emit('restore', progress),
      onPlan: (plan) => parts.keptPlan.take(plan, (error) => void this.#onError(error)),
      onError: (error) => void this.#onError(error),
      onFailure: (error) => void this.#onFailure(error),
      onReplacing: (error) => this.#onReplacing(error),
    })
    this.#queries = new QueryRouter({ ...parts, planNow: () => parts.keptPlan.plan, members: this.#members })
  }

  /** The name of the application, which is also the name of its group. */
  get application(): string {
    return this.#parts.settings.application
  }

  get state(): StreamsState {
    return this.#state
  }

  /** The error it has failed with; undefined unless its state is `failed`. */
  get error(): unknown {
    return this.#error
  }

  /** Calls the listener for each such event. @returns a function that removes the listener */
  on<Name extends keyof StreamsEvents>(name: Name, listener: (event: StreamsEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** Whether it is paused. Kafka: KafkaStreams.isPaused. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /**
   * Processes no records and fires no punctuations until {@link resume}, for example while a system that it writes to
   * is repaired. It stays in its group, keeps its partitions, commits what it has processed, continues to restore
   * state, and answers queries. Other processes of the application continue, and a restarted process is not paused.
   * Resolves when processing has stopped; asynchronous operators complete their calls under way. Kafka:
   * KafkaStreams.pause (KIP-834).
   */
  pause(): Promise<void> {
    return this.#pause(true)
  }

  /** Continues after {@link pause}. Kafka: KafkaStreams.resume. */
  resume(): Promise<void> {
    return this.#pause(false)
  }

  /** The tasks of this process. */
  async tasks(): Promise<readonly TaskStatus[]> {
    return (await Promise.all(this.#members.map((member) => member.tasks()))).flat()
  }

  /** The topology as a string and as a Mermaid diagram. */
  describe(): TopologyDescription {
    return describeTopology(this.#parts.topology)
  }

  /** Lists each internal topic and why it exists. */
  explain(): string {
    return explainTopology(this.#parts.topology, this.application)
  }

  /**
   * Returns a view to read a store. Kafka: KafkaStreams.store.
   *
   * @param store the name of the store: the `name` of its operator, or the table's `storeName`
   * @throws InvalidRequestError when the topology has no such store
   */
  query<V = unknown, K = string>(store: string): StoreView<K, V> {
    return this.#queries.view<K, V>(store)
  }

  /**
   * Answers the queries of other members of the application, and of anyone who knows `queryKey`. Use it as the handler
   * of any server that speaks `fetch`, and set `advertisedUrl` to its address.
   */
  readonly handleQuery = (request: Request): Promise<Response> => this.#queries.answer(request)

  /**
   * Serves {@link handleQuery} until the application is closed. Only in Node.js.
   *
   * @returns the address
   */
  serveQueries(options: QueryServerOptions = {}): Promise<string> {
    return this.#queries.serve(options)
  }

  /**
   * Commits the processed records, leaves the group and ends, within `closeTimeout`. An ephemeral application then
   * removes what it made on the server. You may call it more than once. Does not fail.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal use start() */
  async run(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.start()))
    if (this.#state !== 'failed') await this.#onTasks()
    if (this.#state === 'failed') throw this.#error
    if (this.#closing)
      throw new DisconnectedError(`application '${this.application}' was closed while it started`, {
        retriable: false,
        outcome: 'failed',
      })
    this.#hasStarted = true
  }

  /** The tasks have changed. */
  async #onTasks(): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed' || this.#state === 'failed') return
    const tasks = await this.tasks()
    // It may have begun to end meanwhile.
    if (this.#closing || this.#members.some(({ isReplacing }) => isReplacing)) return
    if (tasks.some(({ state }) => state === 'restoring')) this.#change('restoring')
    else this.#change(this.#isPaused ? 'paused' : 'running')
  }

  /** One of its members has failed, but the application continues. */
  #onReplacing(error: unknown): void {
    if (!this.#closing) this.#change('replacing', error)
  }

  /** Reports a fault that does not end it. */
  async #onError(error: unknown): Promise<void> {
    // Reports the reason of its failure first.
    if (this.#state === 'failed') await this.#closing
    if (this.#state !== 'closed') this.#events.emit('error', { error })
  }

  /** A fault that ends the application. */
  async #onFailure(error: unknown): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed' || this.#state === 'failed') return
    this.#error = error
    // The caller has no application to listen to yet, and gets the error from start().
    const wasStarting = !this.#hasStarted
    this.#change('failed', error)
    this.#closing ??= this.#end()
    await this.#closing
    const isHeard = this.#events.emit('error', { error })
    if (isHeard || wasStarting) return
    // Thrown as an EventEmitter throws an 'error' without listeners. Otherwise nobody would learn that it has ended.
    queueMicrotask(() => {
      throw error
    })
  }

  async #pause(isPaused: boolean): Promise<void> {
    this.#isPaused = isPaused
    await Promise.all(this.#members.map((member) => member.pause(isPaused)))
    await this.#onTasks()
  }

  async #close(): Promise<void> {
    this.#change('closing')
    await this.#end()
    this.#change('closed')
  }

  /** Anything still running after the time limit continues by itself, and nobody waits for it. */
  async #end(): Promise<void> {
    const { runtime, closeTimeoutMs } = this.#parts.settings
    const bounds = { clock: runtime.clock, timeoutMs: closeTimeoutMs, signals: [] }
    await bounded(() => this.#endAll(), bounds).catch(() => undefined)
  }

  async #endAll(): Promise<void> {
    const { settings, keptPlan, transport } = this.#parts
    await this.#queries.close()
    await Promise.all(this.#members.map((member) => member.close()))
    await keptPlan.idle()
    if (settings.isEphemeral) await removeInternalTopics(transport, keptPlan.plan)
  }

  #change(state: StreamsState, error?: unknown): void {
    const previous = this.#state
    // A repeated `replacing` has a new reason, so it is reported.
    if (previous === state && state !== 'replacing') return
    if (previous === 'closed' || (previous === 'failed' && state !== 'failed')) return
    this.#state = state
    this.#events.emit('state', { state, previous, ...(error === undefined ? {} : { error }) })
  }
}
