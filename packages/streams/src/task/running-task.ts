import { type KafkaRecord, type Runtime, TopicNotFoundError, type Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Subtopology } from '../graph/topology.ts'
import type { CacheBudget } from '../processors/record-cache.ts'
import { createStores } from '../state/create-stores.ts'
import type { OpenStateStorage, StateStorage } from '../state/state-storage.ts'
import type { StateStore } from '../state/store-definition.ts'
import { ChangelogWriter } from './changelog/changelog-writer.ts'
import { ErrorHandling } from './errors/error-handling.ts'
import { type Failure, isOfServer, streamsErrorOf } from './errors/processing-errors.ts'
import { StorageFaults } from './errors/storage-faults.ts'
import type { Outgoing } from './output/outgoing.ts'
import { headersOf, type RecordCollector } from './output/record-collector.ts'
import { type RestoreProgress, restoreStores } from './changelog/restoration.ts'
import { encodeKey, encodeValue } from './output/sink-encoder.ts'
import { deadLetterOf } from './output/dead-letter.ts'
import type { SendRecord } from './output/send-record.ts'
import { type ErrorSettings, leavingOut } from '../errors/error-options.ts'
import type { OwnWrites } from './own-writes.ts'
import type { Suspicions } from './errors/suspicions.ts'
import { queryStore, type StoreEntry, type StoreQuery } from './store-query.ts'
import { Task } from './task.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

export interface RunningTaskParts {
  readonly transport: Transport
  readonly names: InternalNames
  readonly collector: RecordCollector
  readonly suspicions: Suspicions
  readonly cache: CacheBudget | undefined
  readonly writes: OwnWrites
  readonly openStorage: OpenStateStorage | undefined
  readonly globals: ReadonlyMap<string, StateStore>
  readonly onError: ErrorSettings
  readonly runtime: Runtime
  readonly onRestore: (progress: RestoreProgress & { readonly task: string }) => void
}

/** A task with everything to run it: restored stores, and the writers of their changes. */
export class RunningTask {
  readonly task: Task
  readonly #parts: RunningTaskParts
  readonly #stores: readonly StateStore[]
  readonly #storage: StateStorage | undefined
  readonly #changelogs: ChangelogWriter
  readonly #errors: ErrorHandling
  readonly #storageFaults = new StorageFaults()
  readonly #restoring = new AbortController()
  /** Whether its stores are restored. */
  isReady = false

  private constructor(
    parts: RunningTaskParts,
    subtopology: Subtopology,
    partition: number,
    storage: StateStorage | undefined,
  ) {
    this.#parts = parts
    this.#storage = storage
    const stores = createStores(subtopology.stores, storage && this.#storageFaults.watched(storage))
    this.#stores = [...stores.values()].filter(({ definition }) => definition.isLogged)
    const globals = subtopology.globals.map(({ store }): [string, StateStore] => [
      store.name,
      parts.globals.get(store.name) as StateStore,
    ])
    this.task = new Task({
      subtopology,
      partition,
      names: parts.names,
      stores: new Map([...stores, ...globals]),
      clock: parts.runtime.clock,
      cache: parts.cache,
      ...leavingOut(parts.onError),
      send: this.#send,
      onError: (kind, cause, record) => {
        const { id, operator } = this.task
        this.#errors.handle({ kind, cause, task: id, operator, record })
      },
    })
    const { collector, runtime } = parts
    this.#errors = new ErrorHandling(parts.onError, {
      putAside: (topic, record, error) => collector.send(deadLetterOf(topic, record, error, runtime.clock.now())),
      count: (kind) => this.task.countFailed(kind),
      storageFault: () => this.#storageFaults.first,
    })
    const onRefused = (cause: Error, changelog: string): void =>
      this.#errors.handle(this.#notWritten(cause, undefined, changelog, undefined))
    this.#changelogs = new ChangelogWriter(
      { ...parts, ...leavingOut(parts.onError), onRefused },
      this.task,
      this.#stores,
      storage,
    )
  }

  static async open(parts: RunningTaskParts, subtopology: Subtopology, partition: number): Promise<RunningTask> {
    const isKept = subtopology.stores.some(({ isLogged }) => isLogged)
    const storage = isKept ? await parts.openStorage?.(`${subtopology.id}_${partition}`) : undefined
    try {
      return new RunningTask(parts, subtopology, partition, storage)
    } catch (cause) {
      await storage?.close()
      const task = `${subtopology.id}_${partition}`
      throw isOfServer(cause)
        ? cause
        : streamsErrorOf({ kind: 'processing', cause, task, operator: undefined, record: undefined })
    }
  }

  /** Brings the stores to the end of their changelogs. */
  async restore(): Promise<void> {
    const { transport, names, onRestore, runtime } = this.#parts
    const { id, partition } = this.task
    await restoreStores(
      { transport, names, partition, runtime, storage: this.#storage, signal: this.#restoring.signal },
      this.#stores,
      (progress) => onRestore({ task: id, ...progress }),
    )
    this.isReady = true
  }

  /** @throws the error of its storage, even if an operator has caught it: nothing of the session is committed */
  throwIfStorageFailed(): void {
    this.#storageFaults.throwIfAny()
  }

  /** What one of its stores answers. */
  query(store: StateStore, query: StoreQuery): StoreEntry[] {
    return this.#storageFaults.outsideOfRecords(() => queryStore(store, query))
  }

  /** Writes the stores' changes to their changelogs, as a part of the next commit. */
  logChanges(): void {
    this.#changelogs.write()
  }

  /** The logged changes are committed. */
  onCommitted(): void {
    this.#changelogs.onCommitted()
  }

  get isFlushDue(): boolean {
    return this.#changelogs.isFlushDue
  }

  async flush(): Promise<void> {
    await this.#changelogs.flush()
  }

  /**
   * Ends the task after a commit, and writes the committed state to its folder.
   *
   * @throws the error of an operator's close(), when everything is closed
   */
  async close(): Promise<void> {
    this.#stop()
    const failure = this.task.close()
    await this.#changelogs.close(this.isReady)
    if (!failure) return
    const { operator, error } = failure
    throw streamsErrorOf({ kind: 'processing', cause: error, task: this.task.id, operator, record: undefined })
  }

  /** Ends it without a commit. */
  async abandon(): Promise<void> {
    this.#stop()
    // The reason for giving it up matters more than errors of its close().
    this.task.close()
    await this.#changelogs.close(false)
  }

  #stop(): void {
    this.#restoring.abort(new Error('the task was given up'))
    this.task.asynchronous.stop()
  }

  readonly #send: SendRecord = (sink, key, value, timestamp, record, isUnchanged, headers, options) => {
    const { collector, writes } = this.#parts
    let written: Pick<Outgoing, 'key' | 'value'>
    try {
      written = {
        key: encodeKey(sink, key),
        value: isUnchanged && record ? record.rawValue : encodeValue(sink, value),
      }
    } catch (cause) {
      // The other results of the record are not affected.
      this.#errors.handle(this.#notWritten(cause, record, sink.name, this.task.operator))
      return
    }
    collector.send({
      topic: sink.name,
      partition: options?.partition,
      key: written.key,
      value: written.value,
      timestamp,
      headers: headers ?? headersOf(record),
      record,
      onRefused: this.#onRefused,
      onDelivered: writes.onDelivered,
    })
    writes.onSent(sink.name)
  }

  /**
   * A sent record was refused for its content. One function for all, because there are so many records.
   *
   * @throws the error that ends the session
   */
  readonly #onRefused = (cause: Error, { record, topic }: Outgoing): void => {
    // If the topology itself names the topic, no other result could be written either.
    if (TopicNotFoundError.is(cause) && this.#isNamed(topic)) throw cause
    this.#errors.handle(this.#notWritten(cause, record, topic, `to ${topic}`))
    this.#parts.writes.onLeftOut(topic)
  }

  /** Whether the topology names the topic as an output, as opposed to a function that chose it. */
  #isNamed(topic: string): boolean {
    return this.task.subtopology.nodes.some((node) =>
      node.kind === 'processor'
        ? node.sinks.some(({ name }) => name === topic)
        : node.kind === 'repartition' && this.#parts.names.repartition(node) === topic,
    )
  }

  #notWritten(cause: unknown, record: AnyRecord | undefined, output: string, operator: string | undefined): Failure {
    return { kind: 'production', cause, task: this.task.id, operator, record, output }
  }
}
