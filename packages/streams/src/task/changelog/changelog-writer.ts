import { KafkaError, type RecordMetadata, TopicNotFoundError } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import type { LeavingOut } from '../../errors/error-options.ts'
import type { InternalNames } from '../../graph/internal-names.ts'
import { StateFlusher } from '../../state/state-flusher.ts'
import type { Checkpoint, StateStorage, StoreCheckpoint } from '../../state/state-storage.ts'
import type { LoggedChange, StateStore } from '../../state/store-definition.ts'
import { StoreError } from '../../state/store-error.ts'
import type { Suspicions } from '../errors/suspicions.ts'
import type { Written } from '../output/chosen-partitions.ts'
import type { RecordCollector } from '../output/record-collector.ts'

export interface ChangelogParts extends Pick<LeavingOut, 'triesValues'> {
  readonly names: InternalNames
  readonly collector: RecordCollector
  readonly suspicions: Suspicions
  /**
   * The changelog refuses a change for its content. @throws the error that ends the session; otherwise the change is
   * left out
   */
  onRefused(error: KafkaError, changelog: string): void
}

/** The task with the stores. */
export interface LoggedTask {
  readonly id: string
  readonly partition: number
  /** The offset of the next record to process, by topic. */
  readonly positions: ReadonlyMap<string, number>
  /** Its inputs; undefined for a topic that it does not read, such as a deleted one. */
  readonly inputs: { of(topic: string): unknown }
}

/** Writes changes of a task's stores to their changelogs, and to its folder, if there is one. */
export class ChangelogWriter {
  readonly #parts: ChangelogParts
  readonly #task: LoggedTask
  readonly #stores: readonly StateStore[]
  readonly #flusher: StateFlusher | undefined
  readonly #ends = new Map<string, number>()
  #changes = new Map<string, LoggedChange[]>()
  /**
   * Up to these positions, by topic, values are serialised on put, because one of them could not be written at a
   * commit.
   */
  #triedTo: ReadonlyMap<string, number> | undefined

  constructor(
    parts: ChangelogParts,
    task: LoggedTask,
    stores: readonly StateStore[],
    storage: StateStorage | undefined,
  ) {
    this.#parts = parts
    this.#task = task
    this.#stores = stores
    this.#flusher = storage && new StateFlusher(storage, stores)
    this.#triedTo = parts.suspicions.suspectedState(task.id)
    if (this.#triedTo) this.#tryValues(true)
  }

  /** Writes the changes as a part of the next commit. @throws KafkaError when a value cannot be written */
  write(): void {
    for (const store of this.#stores) {
      const { name } = store.definition
      const changes = this.#changesOf(store)
      if (changes.length === 0) continue
      if (this.#flusher) this.#changes.set(name, (this.#changes.get(name) ?? []).concat(changes))
      this.#send(store, changes)
    }
  }

  /** The written changes are committed. */
  onCommitted(): void {
    const { id } = this.#task
    if (this.#triedTo && [...this.#triedTo].every(([topic, offset]) => this.#isTried(topic, offset))) {
      this.#triedTo = undefined
      this.#parts.suspicions.clearState(id)
      this.#tryValues(false)
    }
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

  /** Unless they are tested in any case. */
  #tryValues(areTried: boolean): void {
    if (!this.#parts.triesValues) for (const store of this.#stores) store.triesValues = areTried
  }

  /** Whether all records of a topic before an offset were processed, or will never come because the topic is gone. */
  #isTried(topic: string, offset: number): boolean {
    const { positions, inputs } = this.#task
    return inputs.of(topic) === undefined || (positions.get(topic) ?? 0) >= offset
  }

  get isFlushDue(): boolean {
    return this.#flusher?.isFull ?? false
  }

  async flush(): Promise<void> {
    await this.#flusher?.flush()
  }

  /**
   * @param isCommitted whether the remaining changes go to the folder; otherwise they come again from the changelogs
   */
  async close(isCommitted: boolean): Promise<void> {
    await (isCommitted ? this.#flusher?.close() : this.#flusher?.abandon())
  }

  #changesOf(store: StateStore): LoggedChange[] {
    try {
      return store.takeChanges()
    } catch (cause) {
      const { id, positions } = this.#task
      const isTried = this.#triedTo !== undefined
      // Nobody knows the record any more, so the records since the last commit are processed again, and each value is
      // tested at once.
      if (!isTried) this.#parts.suspicions.suspectState(id, new Map(positions))
      throw new KafkaError(`task ${id}: ${messageOf(cause)}`, {
        code: 'SERIALIZATION_ERROR',
        retriable: !isTried,
        outcome: 'failed',
        cause,
      })
    }
  }

  #send(store: StateStore, changes: readonly LoggedChange[]): void {
    const { names, collector } = this.#parts
    const { name } = store.definition
    const { partition, id } = this.#task
    const topic = names.changelog(store.definition)
    const onDelivered = this.#flusher
      ? (written: Written): void => {
          // It was sent to one partition.
          const { offset } = written as RecordMetadata
          this.#ends.set(name, Math.max(this.#ends.get(name) ?? 0, offset + 1))
        }
      : undefined
    const onRefused = (refused: Error): void => {
      if (TopicNotFoundError.is(refused)) throw refused
      const message =
        `task ${id}: store '${name}': a change cannot be written to its changelog '${topic}' partition ${partition}: ` +
        `${refused.message}. Keep less in one value, or let the topic take more: max.message.bytes`
      const cause = new StoreError(name, refused.message, refused)
      this.#parts.onRefused(
        new KafkaError(message, { code: 'STATE_REFUSED', retriable: false, outcome: 'failed', cause }),
        topic,
      )
    }
    for (const { key, value, timestamp } of changes) {
      const headers = undefined
      const record = undefined
      const at = Math.max(timestamp, 0)
      collector.send({ topic, partition, key, value, timestamp: at, headers, record, onRefused, onDelivered })
    }
  }
}
