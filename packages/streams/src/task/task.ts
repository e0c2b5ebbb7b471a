import type { KafkaRecord } from '@kafkado/core'
import type { ErrorKind } from '../errors/streams-error.ts'
import { compile, type UnchangedSinks } from '../graph/compile.ts'
import type { Subtopology } from '../graph/topology.ts'
import type {
  DropReason,
  Forward,
  NodeContext,
  Punctuation,
  PunctuationType,
  RecordSnapshot,
} from '../processors/processor.ts'
import type { KeyValueStore } from '../state/key-value-store.ts'
import type { StateStore } from '../state/store-definition.ts'
import type { WindowStore } from '../state/window-store.ts'
import { AsynchronousOperators } from './asynchronous-operators.ts'
import { CurrentRecord } from './current-record.ts'
import { Closing } from './closing.ts'
import { kindBeforeOperators } from './errors/processing-errors.ts'
import { Punctuations } from './punctuations.ts'
import { RecordCaches } from './record-caches.ts'
import { earliestOf, type RecordQueue } from './record-queue.ts'
import type { Reading } from './source-readings.ts'
import { type TaskInput, TaskInputs } from './task-inputs.ts'
import { StoresOfTask } from './stores-of-task.ts'
import type { TaskParts } from './task-parts.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** One subtopology for one partition, with its own queues, stores and time. Tasks share nothing. */
export class Task implements NodeContext {
  readonly subtopology: Subtopology
  readonly partition: number
  readonly current: CurrentRecord = new CurrentRecord()
  operator: string | undefined
  readonly asynchronous: AsynchronousOperators = new AsynchronousOperators()
  readonly #closing = new Closing()
  isClosed = false
  readonly caches: RecordCaches
  /** How many records were dropped, by reason. */
  readonly dropped = new Map<DropReason, number>()
  streamTime = -1
  processed = 0
  /** How many records, results and punctuations failed and were left out or put aside. */
  readonly failed = new Map<ErrorKind, number>()
  readonly #parts: TaskParts
  readonly #stores: StoresOfTask
  readonly inputs: TaskInputs
  readonly #unchanged: UnchangedSinks
  readonly #byStreamTime = new Punctuations()
  readonly #byClock = new Punctuations()
  /** The progress in each topic: the offset of the next record. */
  readonly positions = new Map<string, number>()

  constructor(parts: TaskParts) {
    this.#parts = parts
    this.subtopology = parts.subtopology
    this.partition = parts.partition
    this.#stores = new StoresOfTask(parts.stores, this.id)
    if (parts.triesValues) for (const store of parts.stores.values()) store.triesValues = true
    this.caches = new RecordCaches(this, parts)
    const { inputs, unchanged } = this.#compiled()
    this.inputs = new TaskInputs(inputs, this)
    this.caches.sort(parts.subtopology.nodes)
    this.#unchanged = unchanged
  }

  get id(): string {
    return `${this.subtopology.id}_${this.partition}`
  }

  get queues(): readonly RecordQueue[] {
    return this.inputs.queues
  }

  get stores(): ReadonlyMap<string, StateStore> {
    return this.#stores.all
  }

  get systemTime(): number {
    return this.#parts.clock.now()
  }

  get record(): AnyRecord | undefined {
    return this.current.record
  }

  /** Takes records of a topic, in the order of their offsets. */
  add(topic: string, records: AnyRecord[]): void {
    this.inputs.queueOf(topic).add(records)
  }

  /** Reads these of the topics that match its patterns, from now on. */
  follow(topics: readonly string[]): void {
    this.inputs.follow(topics)
    // A topic that comes back is read from its beginning.
    for (const topic of this.positions.keys()) if (!this.inputs.of(topic)) this.positions.delete(topic)
  }

  /** How many records of a topic are waiting. */
  queued(topic: string): number {
    return this.inputs.queueOf(topic).size
  }

  /**
   * Processes records, always of the partition with the earliest first record.
   *
   * @param most the most records
   * @param mayGoOn whether an empty topic has nothing more to give, so that the others need not wait for it
   * @param until the latest time of a record to process
   * @returns how many were processed
   */
  process(most: number, mayGoOn: (topic: string) => boolean, until = Infinity): number {
    let count = 0
    const { queues } = this.inputs
    while (count < most && !this.asynchronous.isFull) {
      const queue = earliestOf(queues, mayGoOn)
      if (!queue || (queue.headTimestamp as number) > until) break
      const timestamp = queue.headTimestamp as number
      const failure = queue.headFailure
      const record = queue.take()
      if (failure) this.#hasNoTime(failure.error, record, timestamp)
      else {
        if (timestamp > this.streamTime) this.streamTime = timestamp
        this.#run(record, queue.topic, timestamp)
      }
      this.positions.set(queue.topic, record.offset + 1)
      if (this.streamTime >= this.#byStreamTime.earliest) this.#punctuate(this.#byStreamTime, this.streamTime)
      count++
    }
    this.processed += count
    return count
  }

  /** The time of the next record to process; undefined when there is none, or when it waits for another topic. */
  nextTime(mayGoOn: (topic: string) => boolean): number | undefined {
    return earliestOf(this.queues, mayGoOn)?.headTimestamp
  }

  get hasQueued(): boolean {
    return this.queues.some(({ size }) => size > 0)
  }

  /** Whether records wait, or a punctuation is due. @param nowMs by the monotonic clock, like everything that is due */
  hasWork(nowMs: number): boolean {
    return nowMs >= this.#byClock.earliest || this.hasQueued
  }

  /** When the next punctuation by the clock is due; Infinity without one. */
  get nextPunctuationMs(): number {
    return this.#byClock.earliest
  }

  /** Whether a store has changes that its changelog lacks. */
  get hasChanges(): boolean {
    return this.#stores.haveChanges
  }

  /** Fires due punctuations. @param nowMs as for {@link hasWork} @returns whether there may be something to commit */
  punctuate(nowMs: number): boolean {
    if (nowMs < this.#byClock.earliest) return false
    this.#punctuate(this.#byClock, nowMs, this.#parts.clock.now())
    return true
  }

  keyValueStore<K, V>(name: string): KeyValueStore<K, V> {
    return this.#stores.keyValue(name)
  }

  windowStore<K, V>(name: string): WindowStore<K, V> {
    return this.#stores.window(name)
  }

  countFailed(kind: ErrorKind): void {
    this.failed.set(kind, (this.failed.get(kind) ?? 0) + 1)
  }

  drop(reason: DropReason): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1)
  }

  readonly send: NodeContext['send'] = (sink, key, value, timestamp, options) => {
    const { record, setHeaders } = this.current
    const isUnchanged = record !== undefined && this.#unchanged.has(sink) && this.inputs.isAsRead(record, value)
    this.#parts.send(sink, key, value, timestamp, record, isUnchanged, setHeaders, options)
  }

  schedule(type: PunctuationType, intervalMs: number, act: (time: number) => void): Punctuation {
    // A failing one does not keep the others from their turn.
    const guarded = (time: number): void =>
      this.#guard(() => {
        // As in Kafka Streams: for one by the clock it is the time of day, whatever records say.
        this.current.timestamp = time
        act(time)
      })
    return type === 'stream-time'
      ? this.#byStreamTime.schedule(0, intervalMs, guarded)
      : this.#byClock.schedule(this.#parts.clock.monotonic() + intervalMs, intervalMs, guarded)
  }

  onClose(operator: string, act: () => void): void {
    this.#closing.add(operator, act)
  }

  /** Lets its operators close their resources. @returns the error, if any */
  close(): ReturnType<Closing['run']> {
    this.isClosed = true
    return this.#closing.run()
  }

  guarded(forward: Forward): Forward {
    if (!this.#parts.leavesOut) return forward
    return (key, value, timestamp, old) => this.#guard(() => forward(key, value, timestamp, old))
  }

  snapshot(): RecordSnapshot {
    return this.current.snapshot()
  }

  resume(snapshot: RecordSnapshot, act: () => void): void {
    this.current.during(snapshot, () => this.#guard(act))
  }

  withoutRecord(act: () => void): void {
    this.current.during({ record: undefined, timestamp: this.current.timestamp, headers: undefined }, act)
  }

  #compiled(): ReturnType<typeof compile> {
    try {
      return compile(this.subtopology, this, this.#parts.names)
    } catch (error) {
      // When one operator cannot be made, those made before it may have resources to close.
      this.close()
      throw error
    }
  }

  #run(record: AnyRecord, topic: string, timestamp: number): void {
    const { inputs, readings } = this.inputs.of(topic) as TaskInput
    if (readings) {
      this.#runEach(record, inputs, readings.of(record))
      return
    }
    this.current.set(record, timestamp)
    this.operator = undefined
    try {
      inputs[0]?.forward(record.key, record.value, timestamp)
    } catch (error) {
      this.#failed(error, record)
    }
  }

  /** Runs a record of a topic that is read in several ways: a failure in one does not affect the others. */
  #runEach(record: AnyRecord, inputs: TaskInput['inputs'], readings: readonly Reading[]): void {
    for (const [index, reading] of readings.entries()) {
      if (!reading) this.drop('invalid-timestamp')
      else if ('error' in reading) this.#hasNoTime(reading.error, record, Math.max(this.streamTime, 0))
      else {
        const { key, value, timestamp } = reading
        if (timestamp > this.streamTime) this.streamTime = timestamp
        this.current.set(record, timestamp)
        this.operator = undefined
        this.#guard(() => inputs[index]?.forward(key, value, timestamp))
      }
    }
  }

  /** The time of the record cannot be read. */
  #hasNoTime(error: unknown, record: AnyRecord, timestamp: number): void {
    this.current.set(record, timestamp)
    this.operator = undefined
    this.#failed(error, record)
  }

  #guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#failed(error, this.current.record)
    }
  }

  /** @throws the error that ends the application */
  #failed(error: unknown, record: AnyRecord | undefined): void {
    const kind = record && this.operator === undefined ? kindBeforeOperators(error) : 'processing'
    if (kind === 'deserialization') this.drop('invalid')
    this.#parts.onError(kind, error, record)
  }

  #punctuate(punctuations: Punctuations, time: number, stamp = time): void {
    this.withoutRecord(() => punctuations.fire(time, stamp))
  }
}
