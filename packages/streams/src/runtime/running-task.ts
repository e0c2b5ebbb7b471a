import { type KafkaRecord, KafkaError, SerializationError, type TopicDefinition, type Transport } from '@kafkado/core'
import { deadLetterHeaders } from '@kafkado/consumer/internal'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Subtopology } from '../graph/topology.ts'
import { createStores } from '../state/create-stores.ts'
import { StateFlusher } from '../state/state-flusher.ts'
import type { Checkpoint, OpenStateStorage, StateStorage, StoreCheckpoint } from '../state/state-storage.ts'
import type { LoggedChange, StateStore } from '../state/store-definition.ts'
import { headersOf, type RecordCollector } from './record-collector.ts'
import { type RestoreProgress, restoreStores } from './restoration.ts'
import { encodeKey, encodeValue } from './sink-encoder.ts'
import type { ErrorPolicy } from './streams-options.ts'
import { Task } from './task.ts'

export interface RunningTaskParts {
  readonly transport: Transport
  readonly names: InternalNames
  readonly collector: RecordCollector
  readonly openStorage: OpenStateStorage | undefined
  readonly globals: ReadonlyMap<string, StateStore>
  readonly onError: ErrorPolicy
  readonly now: () => number
  readonly onRestore: (progress: RestoreProgress & { readonly task: string }) => void
}

/** A task with what it takes to run it: stores that were restored, and what they have to write. */
export class RunningTask {
  readonly task: Task
  readonly #parts: RunningTaskParts
  readonly #stores: readonly StateStore[]
  readonly #storage: StateStorage | undefined
  readonly #flusher: StateFlusher | undefined
  readonly #ends = new Map<string, number>()
  readonly #restoring = new AbortController()
  #changes = new Map<string, LoggedChange[]>()
  /** Whether its stores hold what they have to. */
  isReady = false

  private constructor(
    parts: RunningTaskParts,
    subtopology: Subtopology,
    partition: number,
    storage: StateStorage | undefined,
  ) {
    this.#parts = parts
    this.#storage = storage
    const stores = createStores(subtopology.stores, storage)
    this.#stores = [...stores.values()].filter(({ definition }) => definition.isLogged)
    this.#flusher = storage && new StateFlusher(storage, this.#stores)
    const globals = subtopology.globals.map(({ store }): [string, StateStore] => [
      store.name,
      parts.globals.get(store.name) as StateStore,
    ])
    this.task = new Task({
      subtopology,
      partition,
      names: parts.names,
      stores: new Map([...stores, ...globals]),
      now: parts.now,
      send: (...given) => this.#send(...given),
      onError: (error, record) => this.#onError(error, record),
    })
  }

  static async open(parts: RunningTaskParts, subtopology: Subtopology, partition: number): Promise<RunningTask> {
    const isKept = subtopology.stores.some(({ isLogged }) => isLogged)
    const storage = isKept ? await parts.openStorage?.(`${subtopology.id}_${partition}`) : undefined
    return new RunningTask(parts, subtopology, partition, storage)
  }

  /** Brings the stores to the end of their changelogs. */
  async restore(): Promise<void> {
    const { transport, names, onRestore } = this.#parts
    const { id, partition } = this.task
    await restoreStores(
      { transport, names, partition, storage: this.#storage, signal: this.#restoring.signal },
      this.#stores,
      (progress) => onRestore({ task: id, ...progress }),
    )
    this.isReady = true
  }

  /** Writes what the stores have changed to their changelogs, as a part of what is committed next. */
  logChanges(): void {
    const { partition } = this.task
    for (const store of this.#stores) {
      const { name } = store.definition
      const changes = store.takeChanges()
      if (changes.length === 0) continue
      if (this.#flusher) this.#changes.set(name, [...(this.#changes.get(name) ?? []), ...changes])
      const topic = this.#parts.names.changelog(store.definition)
      for (const { key, value, timestamp } of changes) {
        const onDelivered = ({ offset }: { offset: number }): void => {
          this.#ends.set(name, Math.max(this.#ends.get(name) ?? 0, offset + 1))
        }
        const record = { topic, partition, key, value, timestamp: Math.max(timestamp, 0), headers: undefined }
        this.#parts.collector.send(this.#flusher ? { ...record, onDelivered } : record)
      }
    }
  }

  /** What was logged is committed. */
  onCommitted(): void {
    if (!this.#flusher || this.#changes.size === 0) return
    const checkpoint: Checkpoint = Object.fromEntries(
      this.#stores
        .filter(({ definition }) => this.#ends.has(definition.name))
        .map(({ definition, observedTime }): [string, StoreCheckpoint] => [
          definition.name,
          { offset: this.#ends.get(definition.name) as number, observedTime },
        ]),
    )
    this.#flusher.add(this.#changes, checkpoint)
    this.#changes = new Map()
  }

  get isFlushDue(): boolean {
    return this.#flusher?.isFull ?? false
  }

  async flush(): Promise<void> {
    await this.#flusher?.flush()
  }

  /** Ends it after a commit: what is committed is written to its folder. */
  async close(): Promise<void> {
    this.#restoring.abort(new Error('the task was given up'))
    if (this.isReady) await this.#flusher?.close()
    else await this.#flusher?.abandon()
  }

  /** Ends it without a commit. */
  async abandon(): Promise<void> {
    this.#restoring.abort(new Error('the task was given up'))
    await this.#flusher?.abandon()
  }

  #send(
    sink: TopicDefinition<unknown, unknown>,
    key: unknown,
    value: unknown,
    timestamp: number,
    record: KafkaRecord<unknown, unknown> | undefined,
    isUnchanged: boolean,
  ): void {
    this.#parts.collector.send({
      topic: sink.name,
      partition: undefined,
      key: encodeKey(sink, key),
      value: isUnchanged && record ? record.rawValue : encodeValue(sink, value),
      timestamp,
      headers: headersOf(record),
    })
  }

  #onError(cause: unknown, record: KafkaRecord<unknown, unknown> | undefined): void {
    const { onError } = this.#parts
    if (onError === 'fail' || !record) throw processingError(cause, this.task.id, record)
    this.task.failed++
    if (onError === 'skip') return
    this.#parts.collector.send({
      topic: onError.deadLetter,
      partition: undefined,
      key: record.rawKey,
      value: record.rawValue,
      timestamp: this.#parts.now(),
      headers: deadLetterHeaders(record, cause),
    })
  }
}

function processingError(cause: unknown, task: string, record: KafkaRecord<unknown, unknown> | undefined): unknown {
  // What the server or the configuration is to blame for says so itself.
  if (KafkaError.is(cause) && !SerializationError.is(cause)) return cause
  const where = record ? `topic '${record.topic}' partition ${record.partition} offset ${record.offset}: ` : ''
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new KafkaError(`task ${task}: ${where}processing failed: ${detail}`, {
    code: SerializationError.is(cause) ? 'SERIALIZATION_ERROR' : 'PROCESSING_FAILED',
    retriable: false,
    outcome: 'failed',
    cause,
  })
}
