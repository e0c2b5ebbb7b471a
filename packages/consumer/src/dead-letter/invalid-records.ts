import { type KafkaRecord, RebalanceInProgressError, type Transport } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { ConsumerEventTarget } from '../settings/consumer-events.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import { type PartitionState, stateOf } from '../partition/partition-state.ts'
import type { WorkInHand } from '../partition/work-in-hand.ts'
import { describePartition, type TopicPartition } from '../partition/topic-partition.ts'
import { DeadLetterWriter } from './dead-letter-writer.ts'

interface InvalidParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly events: ConsumerEventTarget
  readonly work: WorkInHand<V, K>
  readonly arrivals: Arrivals
  readonly stopping: AbortSignal
}

/** Skips records that cannot be decoded, after copying them to the dead-letter topic if there is one. */
export class InvalidRecords<V, K> {
  readonly #parts: InvalidParts<V, K>
  readonly #deadLetters: DeadLetterWriter | undefined
  /** The dead letters that are not written yet, or cannot be, by the offsets of their records. */
  readonly #unwritten = new WeakMap<PartitionState<V, K>, Map<number, Promise<void>>>()

  constructor(parts: InvalidParts<V, K>) {
    this.#parts = parts
    const { transport, settings, stopping } = parts
    const { onInvalid, runtime } = settings
    if (typeof onInvalid === 'object')
      this.#deadLetters = new DeadLetterWriter({ transport, topic: onInvalid.deadLetter, runtime, signal: stopping })
  }

  leaveOut(record: KafkaRecord<V, K>, error: unknown): void {
    const { events, work, arrivals, stopping } = this.#parts
    const { topic, partition, offset } = record
    const isAside = this.#deadLetters?.write(record, error) ?? Promise.resolve()
    const state = stateOf(record)
    const unwritten = this.#unwritten.get(state) ?? new Map<number, Promise<void>>()
    this.#unwritten.set(state, unwritten.set(offset, isAside))
    isAside.then(
      () => {
        unwritten.delete(offset)
        events.emit('invalid', { topic, partition, offset, error })
        work.finish(record)
      },
      (failure: unknown) => {
        // Without its dead letter the record must not be skipped, so reading ends.
        if (!stopping.aborted) arrivals.fail(failure)
      },
    )
  }

  /**
   * Resolves when the dead letters of all records up to and including the offset are written. A commit that covers
   * them has to wait: after a crash nobody would write them.
   *
   * @throws RebalanceInProgressError when one cannot be written; nothing has been committed then
   */
  async written(state: PartitionState<V, K>, throughOffset: number): Promise<void> {
    for (const [offset, isAside] of this.#unwritten.get(state) ?? [])
      if (offset <= throughOffset)
        await isAside.catch((cause: unknown) => {
          throw notWritten(state, offset, `offset ${throughOffset}`, cause)
        })
  }

  /**
   * Waits until all dead letters so far of these partitions are written, or cannot be.
   *
   * @returns the error for the first one that cannot be written; undefined when all are
   */
  async firstNotWritten(states: readonly PartitionState<V, K>[]): Promise<RebalanceInProgressError | undefined> {
    const letters = states.flatMap((state) =>
      [...(this.#unwritten.get(state) ?? [])].map(async ([offset, isAside]) => {
        try {
          await isAside
          return undefined
        } catch (cause) {
          return notWritten(state, offset, `offset ${offset} and what follows`, cause)
        }
      }),
    )
    return (await Promise.all(letters)).find((problem) => problem !== undefined)
  }

  /** Whether a dead letter of these partitions is not written yet, or cannot be. */
  hasUnwritten(states: readonly PartitionState<V, K>[]): boolean {
    return states.some((state) => (this.#unwritten.get(state)?.size ?? 0) > 0)
  }

  /** Whether the record was left out, and its dead letter is not written yet or cannot be. */
  isUnwritten(state: PartitionState<V, K>, offset: number): boolean {
    return this.#unwritten.get(state)?.has(offset) === true
  }

  /** Resolves when all dead letters so far are written or have failed. */
  async idle(): Promise<void> {
    await this.#deadLetters?.idle()
  }
}

function notWritten(
  partition: TopicPartition,
  offset: number,
  uncommitted: string,
  cause: unknown,
): RebalanceInProgressError {
  return new RebalanceInProgressError(
    `${describePartition(partition)} ${uncommitted} cannot be committed, as the dead letter of offset ${offset} was ` +
      `not written: ${messageOf(cause)}; the next reader of the partition gets both again`,
    { retriable: false, cause },
  )
}
