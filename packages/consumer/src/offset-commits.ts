import {
  type AnyKafkaRecord,
  InvalidRequestError,
  KafkaRecord,
  RebalanceInProgressError,
  type Timer,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import type { ConsumerSettings } from './consumer-config.ts'
import type { ConsumerEventTarget } from './consumer-events.ts'
import type { Membership } from './membership.ts'
import { OffsetCommitter, type OffsetToCommit } from './offset-committer.ts'
import { describePartition, type PartitionSource, type PartitionState } from './partition-state.ts'

/** Whether what has been processed is committed by itself. It ends for good when a transaction commits offsets of the consumer. */
export interface CommitMode {
  isAutomatic: boolean
}

interface CommitParts<V, K> {
  states(): readonly PartitionState<V, K>[]
  isOwned(state: PartitionState<V, K>): boolean
}

/** What is committed, and when: by itself, when the user says so, or in a producer's transaction. */
export class OffsetCommits<V, K> {
  readonly #settings: ConsumerSettings
  readonly #membership: Membership
  readonly #events: ConsumerEventTarget
  readonly #parts: CommitParts<V, K>
  readonly #committer: OffsetCommitter
  #timer: Timer | undefined
  readonly #mode: CommitMode

  constructor(
    transport: Transport,
    settings: ConsumerSettings,
    membership: Membership,
    events: ConsumerEventTarget,
    mode: CommitMode,
    parts: CommitParts<V, K>,
  ) {
    this.#settings = settings
    this.#membership = membership
    this.#events = events
    this.#parts = parts
    this.#committer = new OffsetCommitter(transport, settings, membership)
    this.#mode = mode
  }

  /** Begins to commit what has been processed, every now and then. */
  start(): void {
    if (!this.#mode.isAutomatic) return
    this.#timer = this.#settings.runtime.clock.schedule(this.#settings.autoCommitIntervalMs, () => {
      // What fails now is committed the next time, or read again by whoever owns the partition then.
      void this.commitAutomatically(this.#parts.states())
        .catch(() => undefined)
        .finally(() => this.start())
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Commits what has been processed, unless that is left to the user or to transactions. */
  async commitAutomatically(states: readonly PartitionState<V, K>[]): Promise<void> {
    if (this.#mode.isAutomatic) await this.commit(states)
  }

  /** Commits what has been processed. */
  async commit(states: readonly PartitionState<V, K>[]): Promise<void> {
    this.#requireGroup()
    const offsets = await this.#committer.commit(() =>
      states.flatMap(({ topic, partition, committable }) =>
        committable === undefined ? [] : [{ topic, partition, offset: committable }],
      ),
    )
    if (offsets.length > 0) this.#events.emit('committed', { offsets })
    for (const { offset, ...target } of offsets) {
      const state = states.find(({ topic, partition }) => topic === target.topic && partition === target.partition)
      if (state) state.committed = Math.max(state.committed ?? 0, offset)
    }
  }

  /** Commits a record and all before it in its partition. */
  async commitThrough(state: PartitionState<V, K>, offset: number): Promise<void> {
    this.#requireGroup()
    this.#requireOwned(state, offset)
    state.tracker.finishThrough(offset)
    const offsets = await this.#committer.commit(() => {
      const { topic, partition, committed = -1 } = state
      return committed > offset ? [] : [{ topic, partition, offset: offset + 1 }]
    })
    state.committed = Math.max(state.committed ?? 0, offset + 1)
    if (offsets.length > 0) this.#events.emit('committed', { offsets })
  }

  /** Commits just these offsets, of partitions that are owned. */
  async commitOffsets(offsets: readonly OffsetToCommit[]): Promise<void> {
    this.#requireGroup()
    await this.#committer.commit(() => offsets)
    this.#committed(offsets)
  }

  /** What a transaction is to commit, for who keeps an own account of what is processed. */
  transactionOf(offsets: readonly OffsetToCommit[]): TransactionOffsets {
    const member = {
      groupId: this.#requireGroup(),
      groupInstanceId: this.#settings.instanceId,
      member: () => this.#membership.identity,
      renewMember: () => this.#membership.heartbeat(),
    }
    return { ...member, offsets, onCommitted: () => this.#committed(offsets) }
  }

  #committed(offsets: readonly OffsetToCommit[]): void {
    for (const { topic, partition, offset } of offsets) {
      const state = this.#parts.states().find((one) => one.topic === topic && one.partition === partition)
      if (state) state.committed = Math.max(state.committed ?? 0, offset)
    }
    if (offsets.length > 0) this.#events.emit('committed', { offsets })
  }

  /** What a transaction is to commit. Nothing else is committed from now on, as the later of two commits would count. */
  async forTransaction(records: readonly AnyKafkaRecord[] | undefined): Promise<TransactionOffsets> {
    const groupId = this.#requireGroup()
    this.#mode.isAutomatic = false
    this.stop()
    const chosen = records ? this.#through(records) : this.#givenOut()
    await this.#committer.idle()
    const offsets = [...chosen].map(([{ topic, partition }, offset]): OffsetToCommit => ({ topic, partition, offset }))
    return {
      groupId,
      groupInstanceId: this.#settings.instanceId,
      member: () => this.#membership.identity,
      renewMember: () => this.#membership.heartbeat(),
      offsets,
      onCommitted: () => {
        for (const [state, offset] of chosen) {
          state.tracker.finishThrough(offset - 1)
          state.committed = Math.max(state.committed ?? 0, offset)
        }
        this.#events.emit('committed', { offsets })
      },
    }
  }

  #through(records: readonly AnyKafkaRecord[]): Map<PartitionState<V, K>, number> {
    const offsets = new Map<PartitionState<V, K>, number>()
    for (const record of records) {
      const { state } = KafkaRecord.sourceOf(record) as unknown as PartitionSource<V, K>
      this.#requireOwned(state, record.offset)
      offsets.set(state, Math.max(offsets.get(state) ?? 0, record.offset + 1))
    }
    return offsets
  }

  #givenOut(): Map<PartitionState<V, K>, number> {
    const moved = this.#parts.states().filter(({ tracker }) => !tracker.isFinished || tracker.finishedTo !== undefined)
    return new Map(
      moved
        .map((state): [PartitionState<V, K>, number] => [state, state.position ?? 0])
        .filter(([{ committed = -1 }, offset]) => offset > committed),
    )
  }

  #requireGroup(): string {
    const { group } = this.#settings
    if (group !== undefined) return group
    throw new InvalidRequestError('the consumer has no group, so there is nothing to commit to; give it one: { group }')
  }

  #requireOwned(state: PartitionState<V, K>, offset: number): void {
    if (this.#parts.isOwned(state)) return
    throw new RebalanceInProgressError(
      `${describePartition(state)} offset ${offset} cannot be committed: the partition was given up or its position moved, and whoever reads it now gets the record again`,
      { retriable: false },
    )
  }
}
