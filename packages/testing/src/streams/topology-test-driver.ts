import {
  type Duration,
  InvalidRequestError,
  type KafkaRecord,
  type TopicDefinition,
  type TopicLike,
} from '@kafkado/core'
import { headerList, ManualClock, topicDefinitionOf, toMilliseconds } from '@kafkado/core/internal'
import { messagesOf } from '@kafkado/producer/internal'
import type { Startable, StreamsBuilder } from '@kafkado/streams'
import {
  createStores,
  encodeKey,
  encodeValue,
  InternalNames,
  KeyValueStore,
  type LoggedChange,
  type StateStorage,
  type StateStore,
  type Subtopology,
  Task,
  type Topology,
  WindowStore,
} from '@kafkado/streams/internal'
import { built } from './built.ts'
import { recordOf } from './topic-log.ts'
import type { TraceStep } from './trace.ts'

type AnyTopic = TopicDefinition<unknown, unknown>
type AnyRecord = KafkaRecord<unknown, unknown>

/** What is piped into a topic. */
export interface PipedRecord<V = unknown, K = string> {
  key?: K | null
  value: V | null
  /** Milliseconds or a Date. Default the driver's time. */
  timestamp?: number | Date
  headers?: Record<string, string>
}

/** What came out of a topic. */
export interface DriverRecord<V = unknown, K = unknown> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
}

export interface TopologyTestDriverOptions {
  /** The time that the driver begins with. Default 0. */
  now?: Date | number
  /** Where stores are kept, by task; default in memory alone. */
  storage?: (task: string) => StateStorage
  /** What becomes of an error in the topology. Default it is thrown by `pipe`. */
  onError?: 'fail' | 'skip'
}

/**
 * Runs a topology without a server: what is piped in is processed at once, by the same tasks that run in production, and what comes out can be read.
 * Each topic has one partition. Kafka: TopologyTestDriver.
 */
export class TopologyTestDriver {
  readonly #topology: Topology
  readonly #names = new InternalNames('test')
  readonly #clock: ManualClock
  readonly #tasks = new Map<number, Task>()
  readonly #globals = new Map<string, StateStore>()
  readonly #offsets = new Map<string, number>()
  readonly #outputs = new Map<string, AnyRecord[]>()
  readonly #pending: { readonly task: Task; readonly topic: string; readonly record: AnyRecord }[] = []
  readonly #trace: TraceStep[] = []
  /** What the stores have written, and how many records had no effect before the last restart. */
  readonly #changelogs = new Map<string, LoggedChange[]>()
  readonly #dropped = new Map<string, number>()
  readonly #options: TopologyTestDriverOptions

  /** @param topology what a terminal operator returned, a builder, or a function that builds with one */
  constructor(topology: Startable | ((s: StreamsBuilder) => unknown), options: TopologyTestDriverOptions = {}) {
    this.#topology = built(topology)
    this.#options = options
    this.#clock = new ManualClock(Number(options.now ?? 0))
    const globals = createStores(this.#topology.globals.map(({ store }) => store))
    for (const [name, store] of globals) this.#globals.set(name, store)
    for (const subtopology of this.#topology.subtopologies) this.#tasks.set(subtopology.id, this.#task(subtopology))
  }

  /** The driver's time, in milliseconds since the epoch. */
  get now(): number {
    return this.#clock.now()
  }

  /**
   * Puts a record into a topic and processes it with everything that follows from it.
   *
   * @param record a value, or a record: an object that has `value` and nothing but what a record may have
   * @param options what belongs to a value besides it
   * @throws InvalidRequestError when nothing reads the topic; and whatever the topology throws
   */
  pipe<V, K = string>(
    topic: TopicLike<V, K>,
    record: V | PipedRecord<V, K>,
    options?: Omit<PipedRecord<V, K>, 'value'>,
  ): void {
    const { name } = topicDefinitionOf(topic)
    const definition = this.#definitionOf(name)
    if (!definition)
      throw new InvalidRequestError(
        `nothing reads topic '${name}'; the topology reads ${this.#sourceNames().join(', ')}`,
      )
    const [message] = messagesOf<V, K>([record as V])
    const { key = null, value, timestamp = this.now, headers = {} } = { ...options, ...message }
    if (value === undefined) throw new InvalidRequestError(`topic '${name}': there is no value; null is a tombstone`)
    const content = {
      key: encodeKey(definition, key),
      value: encodeValue(definition, value),
      timestamp: Number(timestamp),
      headers: headerList(headers),
    }
    this.#append(definition, content)
    this.#run()
  }

  /** Puts the clock forward and fires the punctuations that are due. */
  advance(by: Duration): void {
    this.#clock.advance(toMilliseconds(by, 'advance(by)'))
    for (const task of this.#tasks.values()) task.punctuate()
    this.#run()
  }

  /** What has come out of a topic since it was read the last time. */
  read<V = unknown, K = unknown>(topic: TopicLike<V, K>): DriverRecord<V, K>[] {
    const { name, key: keySerde, value: valueSerde } = topicDefinitionOf(topic) as AnyTopic
    const records = this.#outputs.get(name) ?? []
    this.#outputs.set(name, [])
    const isTyped = typeof topic === 'object'
    return records.map((record) => {
      const at = { topic: name, offset: record.offset }
      const [rawKey, rawValue] = [record.rawKey, record.rawValue]
      const key = isTyped ? rawKey && keySerde.deserialize(rawKey, { ...at, field: 'key' }) : record.key
      const value = isTyped ? rawValue && valueSerde.deserialize(rawValue, { ...at, field: 'value' }) : record.value
      return { key: key as K, value: value as V, timestamp: record.timestamp, headers: record.headers }
    })
  }

  /** What a store by key holds, in the order of its keys. @throws InvalidRequestError when there is no such store */
  store<V = unknown, K = unknown>(name: string): Map<K, V> {
    const store = this.#store(name)
    const entries: (readonly [K, V])[] =
      store instanceof WindowStore
        ? [...store.entries()].map(({ key, start, end, value }) => [{ key, start, end } as K, value as V])
        : [...store.entries()].map(({ key, value }) => [key as K, value as V])
    return new Map(entries)
  }

  /** What happened so far, step by step. */
  trace(): readonly TraceStep[] {
    return this.#trace
  }

  /** How many records had no effect, by reason. */
  dropped(): Record<string, number> {
    const counts: Record<string, number> = Object.fromEntries(this.#dropped)
    for (const { dropped } of this.#tasks.values())
      for (const [reason, count] of dropped) counts[reason] = (counts[reason] ?? 0) + count
    return counts
  }

  /** Resolves when asynchronous operators have ended, and what follows from them is processed. */
  async settle(): Promise<void> {
    for (;;) {
      const busy = [...this.#tasks.values()].filter(({ asynchronous }) => asynchronous.isBusy)
      if (busy.length === 0) break
      await Promise.all(busy.map(({ asynchronous }) => asynchronous.drain()))
      this.#run()
    }
  }

  /**
   * Ends the tasks and makes them anew, with their stores restored from what they have written: shows whether a topology survives a restart.
   */
  restart(): void {
    this.commit()
    for (const [id, task] of this.#tasks) {
      for (const [reason, count] of task.dropped) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count)
      const next = this.#task(task.subtopology)
      for (const [name, store] of next.stores)
        for (const { key, value, timestamp } of this.#changelogs.get(name) ?? [])
          store.restore(key, typeof value === 'string' ? new TextEncoder().encode(value) : value, timestamp)
      this.#tasks.set(id, next)
    }
  }

  /** Lets stores with a storage forget what they hold in memory. */
  evict(): void {
    for (const task of this.#tasks.values()) for (const store of task.stores.values()) store.evict(0)
  }

  /** What the stores have to write since the last call, as the changelogs of a running application would get it. */
  commit(): { readonly task: string; readonly store: string; readonly changes: LoggedChange[] }[] {
    const written = [...this.#tasks.values()].flatMap((task) =>
      [...task.stores.values()]
        .map((store) => ({ task: task.id, store: store.definition.name, changes: store.takeChanges() }))
        .filter(({ changes }) => changes.length > 0),
    )
    for (const { store, changes } of written)
      this.#changelogs.set(store, [...(this.#changelogs.get(store) ?? []), ...changes])
    return written
  }

  #store(name: string): KeyValueStore | WindowStore {
    const stores = [...this.#tasks.values()].map(({ stores: own }) => own.get(name))
    const found = stores.find((store) => store !== undefined) ?? this.#globals.get(name)
    if (found instanceof KeyValueStore || found instanceof WindowStore) return found
    const known = [...this.#tasks.values()].flatMap(({ stores: own }) => [...own.keys()])
    throw new InvalidRequestError(`there is no store '${name}'; the topology has ${known.join(', ') || 'none'}`)
  }

  #task(subtopology: Subtopology): Task {
    const storage = this.#options.storage?.(`${subtopology.id}_0`)
    const globals = subtopology.globals.map(({ store }): [string, StateStore] => [
      store.name,
      this.#globals.get(store.name) as StateStore,
    ])
    const stores = new Map([...createStores(subtopology.stores, storage), ...globals])
    return new Task({
      subtopology,
      partition: 0,
      names: this.#names,
      stores,
      clock: this.#clock,
      send: (sink, key, value, timestamp, record, _isUnchanged, options) => {
        // Of one partition there is nothing to choose, but a wrong choice is told.
        options?.partition?.(1)
        const content = {
          key: encodeKey(sink, key),
          value: encodeValue(sink, value),
          timestamp,
          headers: record?.rawHeaders ?? [],
        }
        this.#trace.push({ what: 'out', topic: sink.name, key, value, timestamp, task: `${subtopology.id}_0` })
        const written = this.#append(sink, content)
        this.#outputs.set(sink.name, [...(this.#outputs.get(sink.name) ?? []), written])
      },
      onError: (error) => {
        if (this.#options.onError !== 'skip') throw error
      },
    })
  }

  /** Puts a record into a topic, and in front of the tasks that read it. */
  #append(definition: AnyTopic, content: Parameters<typeof recordOf>[3]): AnyRecord {
    const { name } = definition
    const offset = this.#offsets.get(name) ?? 0
    this.#offsets.set(name, offset + 1)
    const record = recordOf(this.#definitionOf(name) ?? definition, 0, offset, content)
    for (const { topic, store } of this.#topology.globals) {
      if (topic.name !== name || record.key === null) continue
      this.#globals.get(store.name)?.restore(record.rawKey as Uint8Array, record.rawValue, record.timestamp)
    }
    for (const task of this.#tasks.values())
      if (task.queues.some((queue) => queue.topic === name)) this.#pending.push({ task, topic: name, record })
    return record
  }

  /** One record after the other, with all that follows from it. */
  #run(): void {
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      const { task, topic, record } = next
      const step = { topic, key: record.key, value: record.value, timestamp: record.timestamp, task: task.id }
      this.#trace.push({ what: 'in', ...step })
      const before = new Map(task.dropped)
      task.add(topic, [record])
      task.process(Infinity, () => true)
      for (const [reason, count] of task.dropped)
        if (count > (before.get(reason) ?? 0)) this.#trace.push({ what: 'dropped', ...step, reason })
    }
  }

  #sourceNames(): string[] {
    const sources = this.#topology.subtopologies.flatMap((part) => part.sources)
    const topics = [
      ...sources.map((source) => this.#names.topicOf(source)),
      ...this.#topology.globals.map(({ name }) => name),
    ]
    return [...new Set(topics)].map((topic) => `'${topic}'`)
  }

  /** How the topology reads a topic. */
  #definitionOf(name: string): AnyTopic | undefined {
    const global = this.#topology.globals.find(({ topic }) => topic.name === name)
    if (global) return global.topic
    for (const { sources } of this.#topology.subtopologies) {
      for (const source of sources) {
        if (this.#names.topicOf(source) !== name) continue
        return source.kind === 'source' ? source.topic : { name, key: source.keySerde, value: source.valueSerde }
      }
    }
    return undefined
  }
}
