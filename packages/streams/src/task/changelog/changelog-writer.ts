import { KafkaError, type RecordMetadata, TopicNotFoundError } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import type { InternalNames } from '../../graph/internal-names.ts'
import { StateFlusher } from '../../state/state-flusher.ts'
import type { Checkpoint, StateStorage, StoreCheckpoint } from '../../state/state-storage.ts'
import type { LoggedChange, StateStore } from '../../state/store-definition.ts'
import { StoreError } from '../../state/store-error.ts'
import type { Suspicions } from '../errors/suspicions.ts'
import type { Written } from '../output/chosen-partitions.ts'
import type { RecordCollector } from '../output/record-collector.ts'

export interface ChangelogParts {
  readonly names: InternalNames
  readonly collector: RecordCollector
  readonly suspicions: Suspicions
  /** A change cannot be written because of what it is. @throws what ends the session; else it is left out */
  onRefused(error: KafkaError, changelog: string): void
}

/** Whose stores they are. */
export interface LoggedTask {
  readonly id: string
  readonly partition: number
  /** The offset of the next record to process, by topic. */
  readonly positions: ReadonlyMap<string, number>
  /** What it reads; undefined for a topic that it does not, such as one that is gone. */
  readonly inputs: { of(topic: string): unknown }
}

/** Writes what the stores of a task change to their changelogs, and to its folder, if there is one. */
export class ChangelogWriter {
  readonly #parts: ChangelogParts
  readonly #task: LoggedTask
  readonly #stores: readonly StateStore[]
  readonly #flusher: StateFlusher | undefined
  readonly #ends = new Map<string, number>()
  #changes = new Map<string, LoggedChange[]>()
  /**
   * Up to where, by topic, values are tried when they are put, as one of them could not be written when it was to be
   * committed.
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
    if (this.#triedTo) for (const store of stores) store.triesValues = true
  }

  /** As a part of what is committed next. @throws KafkaError when a value cannot be written */
  write(): void {
    for (const store of this.#stores) {
      const { name } = store.definition
      const changes = this.#changesOf(store)
      if (changes.length === 0) continue
      if (this.#flusher) this.#changes.set(name, [...(this.#changes.get(name) ?? []), ...changes])
      this.#send(store, changes)
    }
  }

  /** What was written is committed. */
  onCommitted(): void {
    const { id } = this.#task
    if (this.#triedTo && [...this.#triedTo].every(([topic, offset]) => this.#isTried(topic, offset))) {
      this.#triedTo = undefined
      this.#parts.suspicions.clearState(id)
      for (const store of this.#stores) store.triesValues = false
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

  /** Whether all records of a topic before an offset were processed, or never come again, as the topic is gone. */
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

  /** @param isCommitted whether what is left is to go to the folder; else it comes again from the changelogs */
  async close(isCommitted: boolean): Promise<void> {
    await (isCommitted ? this.#flusher?.close() : this.#flusher?.abandon())
  }

  #changesOf(store: StateStore): LoggedChange[] {
    try {
      return store.takeChanges()
    } catch (cause) {
      const { id, positions } = this.#task
      const isTried = this.#triedTo !== undefined
      // Nobody can tell any more which record it was, so those since the last commit are processed again and each value
      // tried at once.
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
        `task ${id}: store '${name}': a change cannot be written to its changelog '${topic}' partition` +
        ` ${partition}: ${refused.message}. Keep less in one value, or let the topic take more: max.message.bytes`
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
