import { KafkaError, type KafkaRecord, type Runtime, type TopicDefinition, type Transport } from '@kafkado/core'
import { deadLetterHeaders } from '@kafkado/consumer/internal'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Subtopology } from '../graph/topology.ts'
import { createStores } from '../state/create-stores.ts'
import type { OpenStateStorage, StateStorage } from '../state/state-storage.ts'
import type { StateStore } from '../state/store-definition.ts'
import { ChangelogWriter } from './changelog/changelog-writer.ts'
import { detailOf, processingError } from './errors/processing-errors.ts'
import { headersOf, type Outgoing, type RecordCollector } from './output/record-collector.ts'
import { type RestoreProgress, restoreStores } from './changelog/restoration.ts'
import { encodeKey, encodeValue } from './output/sink-encoder.ts'
import type { ErrorPolicy } from '../streams-options.ts'
import type { OwnWrites } from './own-writes.ts'
import type { SendOptions } from '../processors/processor.ts'
import type { Suspicions } from './errors/suspicions.ts'
import { Task } from './task.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

export interface RunningTaskParts {
  readonly transport: Transport
  readonly names: InternalNames
  readonly collector: RecordCollector
  readonly suspicions: Suspicions
  readonly writes: OwnWrites
  readonly openStorage: OpenStateStorage | undefined
  readonly globals: ReadonlyMap<string, StateStore>
  readonly onError: ErrorPolicy
  readonly runtime: Runtime
  readonly onRestore: (progress: RestoreProgress & { readonly task: string }) => void
}

/** A task with what it takes to run it: stores that were restored, and what they have to write. */
export class RunningTask {
  readonly task: Task
  readonly #parts: RunningTaskParts
  readonly #stores: readonly StateStore[]
  readonly #storage: StateStorage | undefined
  readonly #changelogs: ChangelogWriter
  readonly #restoring = new AbortController()
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
      send: (...given) => this.#send(...given),
      onError: (error, record) => this.#onError(error, record),
    })
    this.#changelogs = new ChangelogWriter(parts, this.task, this.#stores, storage)
  }

  static async open(parts: RunningTaskParts, subtopology: Subtopology, partition: number): Promise<RunningTask> {
    const isKept = subtopology.stores.some(({ isLogged }) => isLogged)
    const storage = isKept ? await parts.openStorage?.(`${subtopology.id}_${partition}`) : undefined
    try {
      return new RunningTask(parts, subtopology, partition, storage)
    } catch (error) {
      await storage?.close()
      throw processingError(error, { task: `${subtopology.id}_${partition}`, operator: undefined, record: undefined })
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

  /** Writes what the stores have changed to their changelogs, as a part of what is committed next. */
  logChanges(): void {
    this.#changelogs.write()
  }

  /** What was logged is committed. */
  onCommitted(): void {
    this.#changelogs.onCommitted()
  }

  get isFlushDue(): boolean {
    return this.#changelogs.isFlushDue
  }

  async flush(): Promise<void> {
    await this.#changelogs.flush()
  }

  /** Ends it after a commit: what is committed is written to its folder. */
  async close(): Promise<void> {
    this.#stop()
    await this.#changelogs.close(this.isReady)
  }

  /** Ends it without a commit. */
  async abandon(): Promise<void> {
    this.#stop()
    await this.#changelogs.close(false)
  }

  #stop(): void {
    this.#restoring.abort(new Error('the task was given up'))
    this.task.asynchronous.stop()
  }

  #send(
    sink: TopicDefinition<unknown, unknown>,
    key: unknown,
    value: unknown,
    timestamp: number,
    record: AnyRecord | undefined,
    isUnchanged: boolean,
    options?: SendOptions,
  ): void {
    const { suspicions, collector, writes } = this.#parts
    const refused = suspicions.outputError(record, sink.name)
    if (refused) throw refused
    collector.send({
      topic: sink.name,
      partition: options?.partition,
      key: encodeKey(sink, key),
      value: isUnchanged && record ? record.rawValue : encodeValue(sink, value),
      timestamp,
      headers: headersOf(record),
      record,
      onRefused: this.#onRefused,
      onDelivered: writes.onDelivered,
    })
    writes.onSent(sink.name)
  }

  /** What was sent cannot be written because of what it is. One for all, as there are so many. @throws what ends the session */
  readonly #onRefused = (error: Error, { record, topic }: Outgoing): void => {
    const { suspicions, collector, writes, onError } = this.#parts
    const isLeftOut = onError !== 'fail' && record !== undefined
    if (!isLeftOut || !collector.isTransactional) {
      this.#fail(error, record, `to ${topic}`)
      writes.onLeftOut(topic)
      return
    }
    // The transaction has to be given up; when the record comes again its output is not sent.
    suspicions.suspectOutput(record, topic, error)
    throw new KafkaError(`the transaction is done again without what was refused: ${error.message}`, {
      code: 'OUTPUT_REFUSED',
      retriable: true,
      cause: error,
    })
  }

  #onError(cause: unknown, record: AnyRecord | undefined): void {
    this.#fail(cause, record, this.task.operator)
  }

  /** Leaves out what failed, or puts its record aside. @throws where that is not wanted, or there is no record, such as in a punctuation */
  #fail(cause: unknown, record: AnyRecord | undefined, operator: string | undefined): void {
    const { onError } = this.#parts
    const error = processingError(cause, { task: this.task.id, operator, record })
    if (onError === 'fail' || !record) throw error
    this.task.failed++
    if (onError !== 'skip') this.#putAside(record, onError.deadLetter, error)
  }

  #putAside(record: AnyRecord, topic: string, error: unknown): void {
    this.#parts.collector.send({
      topic,
      partition: undefined,
      key: record.rawKey,
      value: record.rawValue,
      timestamp: this.#parts.runtime.clock.now(),
      headers: deadLetterHeaders(record, error),
      record,
      onRefused: (refused) => {
        throw new KafkaError(
          `${detailOf(error)}; and the record cannot be put aside in topic '${topic}': ${refused.message}`,
          { code: 'DEAD_LETTER_REFUSED', cause: refused },
        )
      },
    })
  }
}
