import {
  type Duration,
  InvalidRequestError,
  type KafkaRecord,
  ManualClock,
  type TopicDefinition,
  type TopicLike,
} from '@kafkado/core'
import { headerList, topicDefinitionOf, toMilliseconds } from '@kafkado/core/internal'
import { messagesOf } from '@kafkado/producer/internal'
import type { ErrorKind, LoggedChange, Startable, StreamsBuilder } from '@kafkado/streams'
import {
  CacheBudget,
  createStores,
  encodeKey,
  encodeValue,
  InternalNames,
  KeyValueStore,
  type StateStore,
  type Subtopology,
  type Task,
  type Topology,
  WindowStore,
} from '@kafkado/streams/internal'
import { built } from './built.ts'
import type { DriverRecord, PipedRecord, TopologyTestDriverOptions } from './driver-records.ts'
import { DriverChangelogs } from './driver-changelogs.ts'
import { DriverGlobals } from './driver-globals.ts'
import { DriverOutputs } from './driver-outputs.ts'
import { driverErrors, type DriverErrorParts, driverTask } from './driver-task.ts'
import { ReadTopics } from './read-topics.ts'
import { driverRecordOf, type RecordContent, recordOf } from './topic-log.ts'
import { readable, type TraceStep } from './trace.ts'

type AnyTopic = TopicDefinition<unknown, unknown>
type AnyRecord = KafkaRecord<unknown, unknown>

/**
 * Runs a topology without a server. It processes each piped record at once, with the same tasks as in production, and
 * you read the output. Each topic has one partition. Kafka: TopologyTestDriver.
 */
export class TopologyTestDriver {
  readonly #topology: Topology
  readonly #names = new InternalNames('test')
  readonly #read: ReadTopics
  readonly #clock: ManualClock
  readonly #tasks = new Map<number, Task>()
  readonly #globals: DriverGlobals
  readonly #offsets = new Map<string, number>()
  readonly #outputs = new DriverOutputs()
  readonly #pending: { readonly task: Task; readonly topic: string; readonly record: AnyRecord }[] = []
  readonly #trace: TraceStep[] = []
  readonly #changelogs = new DriverChangelogs()
  /** How many records had no effect before the last restart, by reason. */
  readonly #dropped = new Map<string, number>()
  /** How many records of global tables failed, by kind. */
  readonly #failed = new Map<ErrorKind, number>()
  readonly #options: TopologyTestDriverOptions
  readonly #cache: CacheBudget | undefined

  /** @param topology the result of a terminal operator, a builder, or a function that builds with one */
  constructor(topology: Startable | ((s: StreamsBuilder) => unknown), options: TopologyTestDriverOptions = {}) {
    this.#topology = built(topology)
    this.#read = new ReadTopics(this.#topology, this.#names)
    this.#options = options
    this.#cache = options.cache === undefined || options.cache <= 0 ? undefined : new CacheBudget(options.cache)
    this.#clock = new ManualClock(Number(options.now ?? 0))
    this.#globals = new DriverGlobals(
      this.#topology.globals,
      driverErrors(this.#errorParts(), (kind) => this.#failed.set(kind, (this.#failed.get(kind) ?? 0) + 1)),
    )
    for (const subtopology of this.#topology.subtopologies) this.#tasks.set(subtopology.id, this.#task(subtopology))
  }

  /** The driver's time, in milliseconds since the epoch. */
  get now(): number {
    return this.#clock.now()
  }

  /**
   * Puts a record into a topic and processes it with all its consequences.
   *
   * @param topic its name, or a definition that writes the record, whatever definition reads it
   * @param record a value, or a record: an object with `value` and only fields of a record
   * @param options the other fields of the record, when a value is given
   * @throws InvalidRequestError when nothing reads the topic; and any error of the topology
   */
  pipe<V, K = string>(
    topic: TopicLike<V, K>,
    record: V | PipedRecord<V, K>,
    options?: Omit<PipedRecord<V, K>, 'value'>,
  ): void {
    const { name } = topicDefinitionOf(topic)
    const definition = this.#read.definitionOf(name)
    if (!definition)
      throw new InvalidRequestError(
        `nothing reads topic '${name}'; the topology reads ${this.#read.names().join(', ')}`,
      )
    const [message] = messagesOf<V, K>([record as V])
    const { key = null, value, timestamp = this.now, headers = {} } = { ...options, ...message }
    if (value === undefined) throw new InvalidRequestError(`topic '${name}': there is no value; null is a tombstone`)
    const writer = typeof topic === 'object' ? (topic as unknown as AnyTopic) : definition
    const content = {
      key: encodeKey(writer, key),
      value: encodeValue(writer, value),
      timestamp: Number(timestamp),
      headers: headerList(headers),
    }
    this.#append(definition, content)
    this.#run()
  }

  /** Puts the clock forward and fires the punctuations that fall due. */
  advance(by: Duration): void {
    this.#clock.advance(toMilliseconds(by, 'advance(by)'))
    for (const task of this.#tasks.values()) task.punctuate(this.#clock.monotonic())
    this.#run()
    this.#flush()
  }

  /** The output of a topic since the last read. */
  read<V = unknown, K = unknown>(topic: TopicLike<V, K>): DriverRecord<V, K>[] {
    const definition = topicDefinitionOf(topic) as AnyTopic
    const records = this.#outputs.take(definition.name)
    return records.map((record) => driverRecordOf<V, K>(record, typeof topic === 'object' ? definition : undefined))
  }

  /** The content of a key-value store, ordered by key. @throws InvalidRequestError when there is no such store */
  store<V = unknown, K = unknown>(name: string): Map<K, V> {
    const store = this.#store(name)
    const entries: (readonly [K, V])[] =
      store instanceof WindowStore
        ? [...store.entries()].map(({ key, start, end, value }) => [{ key, start, end } as K, value as V])
        : [...store.entries()].map(({ key, value }) => [key as K, value as V])
    return new Map(entries)
  }

  /** Everything that happened so far, step by step. */
  trace(): readonly TraceStep[] {
    return this.#trace
  }

  /**
   * How often `onError` skipped a record or sent it to the dead-letter topic, by the kind of error, since the last
   * restart; for global tables since the beginning.
   */
  failed(): Partial<Record<ErrorKind, number>> {
    const counts: Partial<Record<ErrorKind, number>> = Object.fromEntries(this.#failed)
    for (const { failed } of this.#tasks.values())
      for (const [kind, count] of failed) counts[kind] = (counts[kind] ?? 0) + count
    return counts
  }

  /** How many records had no effect, by reason. */
  dropped(): Record<string, number> {
    const counts: Record<string, number> = Object.fromEntries(this.#dropped)
    for (const { dropped } of [...this.#tasks.values(), this.#globals])
      for (const [reason, count] of dropped) counts[reason] = (counts[reason] ?? 0) + count
    return counts
  }

  /** Resolves when asynchronous operators have ended and their results are processed. */
  async settle(): Promise<void> {
    for (;;) {
      const busy = [...this.#tasks.values()].filter(({ asynchronous }) => asynchronous.isBusy)
      if (busy.length === 0) break
      await Promise.all(busy.map(({ asynchronous }) => asynchronous.drain()))
      this.#run()
    }
  }

  /**
   * Ends the tasks and makes new ones, with their stores restored from the written changes. It shows whether a topology
   * survives a restart.
   */
  restart(): void {
    this.commit()
    for (const [id, task] of this.#tasks) {
      for (const [reason, count] of task.dropped) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count)
      throwIfAny(task.close())
      const next = this.#task(task.subtopology)
      this.#changelogs.restore(next.stores)
      this.#tasks.set(id, next)
    }
  }

  /**
   * Ends the tasks, and lets processors close their resources.
   *
   * @throws the error of a processor, after all are closed
   */
  close(): void {
    this.commit()
    const failures = [...this.#tasks.values()].map((task) => task.close())
    for (const failure of [...failures, this.#globals.close()]) throwIfAny(failure)
  }

  /** Makes stores with a storage drop the data that they hold in memory. */
  evict(): void {
    for (const task of this.#tasks.values()) for (const store of task.stores.values()) store.evict(0)
  }

  /**
   * Flushes the updates that caches hold back.
   *
   * @returns the stores' changes since the last call, as a running application would write them to changelogs
   */
  commit(): { readonly task: string; readonly store: string; readonly changes: LoggedChange[] }[] {
    this.#flush()
    const written = [...this.#tasks.values()].flatMap((task) =>
      [...task.stores.values()]
        .map((store) => ({ task: task.id, store: store.definition.name, changes: store.takeChanges() }))
        .filter(({ changes }) => changes.length > 0),
    )
    for (const { store, changes } of written) this.#changelogs.add(store, changes)
    return written
  }

  /** A flushed update may be held back by another cache, in another task too. */
  #flush(): void {
    const holding = [...this.#tasks.values()].filter(({ caches }) => caches.hasUpdates)
    if (holding.length === 0) return
    for (const { caches } of holding) caches.flush()
    this.#run()
    this.#flush()
  }

  #store(name: string): KeyValueStore | WindowStore {
    const stores = [...this.#tasks.values()].map(({ stores: own }) => own.get(name))
    const found = stores.find((store) => store !== undefined) ?? this.#globals.stores.get(name)
    if (found instanceof KeyValueStore || found instanceof WindowStore) return found
    const known = [...this.#tasks.values()].flatMap(({ stores: own }) => [...own.keys()])
    throw new InvalidRequestError(`there is no store '${name}'; the topology has ${known.join(', ') || 'none'}`)
  }

  #task(subtopology: Subtopology): Task {
    const storage = this.#options.storage?.(`${subtopology.id}_0`)
    const globals = subtopology.globals.map(({ store }): [string, StateStore] => [
      store.name,
      this.#globals.stores.get(store.name) as StateStore,
    ])
    const stores = new Map([...createStores(subtopology.stores, storage), ...globals])
    return driverTask({
      ...this.#errorParts(),
      subtopology,
      names: this.#names,
      stores,
      cache: this.#cache,
      trace: this.#trace,
    })
  }

  #errorParts(): DriverErrorParts {
    return {
      options: this.#options,
      clock: this.#clock,
      write: (definition, content) => this.#write(definition, content),
      definitionOf: (name) => this.#read.definitionOf(name),
    }
  }

  /** Writes a record to a topic that can be read. */
  #write(definition: AnyTopic, content: RecordContent): void {
    this.#outputs.add(definition.name, this.#append(definition, content))
  }

  /** Puts a record into a topic, and into the queues of the tasks that read it. */
  #append(definition: AnyTopic, content: RecordContent): AnyRecord {
    const { name } = definition
    const offset = this.#offsets.get(name) ?? 0
    this.#offsets.set(name, offset + 1)
    const record = recordOf(this.#read.definitionOf(name) ?? definition, 0, offset, content)
    this.#globals.put(record)
    for (const task of this.#tasks.values()) {
      this.#read.follow(task, name)
      if (task.queues.some((queue) => queue.topic === name)) this.#pending.push({ task, topic: name, record })
    }
    return record
  }

  /** Processes one record after the other, with all its consequences. */
  #run(): void {
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      const { task, topic, record } = next
      const step = { topic, ...readable(record), timestamp: record.timestamp, task: task.id }
      this.#trace.push({ what: 'in', ...step })
      const before = new Map(task.dropped)
      task.add(topic, [record])
      task.process(Infinity, () => true)
      for (const [reason, count] of task.dropped)
        if (count > (before.get(reason) ?? 0)) this.#trace.push({ what: 'dropped', ...step, reason })
    }
  }
}

function throwIfAny(failure: { readonly error: unknown } | undefined): void {
  if (failure) throw failure.error
}
