import type { Transport } from '@kafkado/core'
import { bounded, type EventListeners } from '@kafkado/core/internal'
import { describeTopology, explainTopology, type TopologyDescription } from '../graph/describe.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { ChannelMeter } from '../member/metrics/channel-meter.ts'
import { removeInternalTopics } from '../plan/remove-internal-topics.ts'
import type { StreamsSettings } from '../settings/streams-options.ts'
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

/** A topology that runs. Made by `start()`. Kafka: KafkaStreams. */
export class StreamsApp implements AsyncDisposable {
  readonly #parts: StreamsAppParts
  readonly #events: EventListeners<StreamsEvents>
  readonly #members: readonly ReplaceableMember[]
  readonly #queries: QueryRouter
  #state: StreamsState = 'starting'
  #isPaused = false
  #error: unknown
  /** Whether `start()` has come to its end. */
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
    return this.#events.on(name, listener)
  }

  /** Whether it was paused and not resumed since. Kafka: KafkaStreams.isPaused. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /**
   * Processes no records and fires no punctuations until {@link resume}, such as while a system that it writes to is
   * repaired. It stays in its group and keeps its partitions, commits what it has processed, and goes on restoring
   * state; queries are answered. Other processes of the application go on, and a restart is not paused. Resolves when
   * no record is processed any more; asynchronous operators end what they have begun. Kafka: KafkaStreams.pause
   * (KIP-834).
   */
  pause(): Promise<void> {
    return this.#pause(true)
  }

  /** Goes on where it was paused. Kafka: KafkaStreams.resume. */
  resume(): Promise<void> {
    return this.#pause(false)
  }

  /** What this process works on. */
  async tasks(): Promise<readonly TaskStatus[]> {
    return (await Promise.all(this.#members.map((member) => member.tasks()))).flat()
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
    return this.#queries.view<K, V>(store)
  }

  /**
   * Answers the queries of other members of the application, and of whoever knows `queryKey`: a handler for any server
   * that speaks `fetch`. Give the address at which it is reached as `advertisedUrl`.
   */
  readonly handleQuery = (request: Request): Promise<Response> => this.#queries.answer(request)

  /**
   * Serves {@link handleQuery} until the application is closed. Node.js alone.
   *
   * @returns where it is reached
   */
  serveQueries(options: QueryServerOptions = {}): Promise<string> {
    return this.#queries.serve(options)
  }

  /**
   * Commits what was processed, leaves the group, and ends, within `closeTimeout`; what an ephemeral application made
   * on the server is removed. May be called more than once. Does not fail.
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
    this.#hasStarted = true
  }

  /** The tasks have changed. */
  async #onTasks(): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed' || this.#state === 'failed') return
    const tasks = await this.tasks()
    // Meanwhile it may have begun to end.
    if (this.#closing || this.#members.some(({ isReplacing }) => isReplacing)) return
    if (tasks.some(({ state }) => state === 'restoring')) this.#change('restoring')
    else this.#change(this.#isPaused ? 'paused' : 'running')
  }

  /** One of its members cannot go on, but it does. */
  #onReplacing(error: unknown): void {
    if (!this.#closing) this.#change('replacing', error)
  }

  /** Something has gone wrong that keeps it from nothing. */
  async #onError(error: unknown): Promise<void> {
    // Why it has failed is told first.
    if (this.#state === 'failed') await this.#closing
    if (this.#state !== 'closed') this.#events.emit('error', { error })
  }

  /** It cannot go on. */
  async #onFailure(error: unknown): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed' || this.#state === 'failed') return
    this.#error = error
    // Whoever started it has no application to listen to yet, and is told by start().
    const wasStarting = !this.#hasStarted
    this.#change('failed', error)
    this.#closing ??= this.#end()
    await this.#closing
    const isHeard = this.#events.emit('error', { error })
    if (isHeard || wasStarting) return
    // As an 'error' of an EventEmitter: nobody would ever learn that it has ended.
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

  /** Whatever has not ended when the time is over goes on by itself, and keeps nobody waiting. */
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
    // Why the next one has failed as well is news.
    if (previous === state && state !== 'replacing') return
    if (previous === 'closed' || (previous === 'failed' && state !== 'failed')) return
    this.#state = state
    this.#events.emit('state', { state, previous, ...(error === undefined ? {} : { error }) })
  }
}
