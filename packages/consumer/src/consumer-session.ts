import {
  type AnyKafkaRecord,
  KafkaRecord,
  RebalanceInProgressError,
  type TransactionalReader,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import type { ConsumerSettings, StartOffset, TopicPartition } from './consumer-config.ts'
import type { ConsumerEventTarget, Stall } from './consumer-events.ts'
import { DeadLetterWriter } from './dead-letter-writer.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMembership } from './group-membership.ts'
import { ManualAssignment } from './manual-assignment.ts'
import type { Membership, MembershipEvents } from './membership.ts'
import { type CommitMode, OffsetCommits } from './offset-commits.ts'
import { PartitionAssignment } from './partition-assignment.ts'
import { describePartition, type PartitionSource, type PartitionState } from './partition-state.ts'
import { ProgressWatchdog } from './progress-watchdog.ts'
import { partitionSource } from './record-decoder.ts'
import { RecordFeed } from './record-feed.ts'
import { requireTopics } from './required-topics.ts'
import { findStart, type StartPositions } from './start-position.ts'
import type { TopicSubscription } from './topic-subscription.ts'

/** How long the last commit may take: what is not committed then is read again. */
const longestLastCommitMs = 10_000

/** What reads by a session and has work of its own under way. */
export interface SessionReader<V, K> {
  /** Hands back what was given out of these partitions and not begun. */
  onRevoking(states: readonly PartitionState<V, K>[]): void
  /** Ends reading; resolves when what was begun is finished. */
  drain(): Promise<void>
}

export interface SessionParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: TopicSubscription<V, K>
  readonly events: ConsumerEventTarget
  readonly startPositions: StartPositions
  readonly commitMode: CommitMode
  /** Partitions that were chosen by hand; undefined leaves that to the group or takes all. */
  readonly chosen: readonly TopicPartition[] | undefined
}

/**
 * One stay in the group, from joining to leaving: the partitions owned, what is read ahead of them, and what may be committed. A
 * consumer that is iterated again begins a new one.
 */
export class ConsumerSession<V, K> implements TransactionalReader {
  readonly #parts: SessionParts<V, K>
  readonly #settings: ConsumerSettings
  readonly #fetcher: Fetcher<V, K>
  readonly #assignment: PartitionAssignment<V, K>
  readonly #watchdog: ProgressWatchdog
  readonly #deadLetters: DeadLetterWriter | undefined
  readonly #sources = new WeakMap<PartitionState<V, K>, PartitionSource<V, K>>()
  readonly #stopping = new AbortController()
  readonly #readers = new Set<SessionReader<V, K>>()
  #stopped: Promise<void> | undefined
  readonly membership: Membership
  readonly commits: OffsetCommits<V, K>
  readonly feed: RecordFeed<V, K>
  /** How many loops run, whose present record is finished soon. */
  loops = 0

  constructor(parts: SessionParts<V, K>) {
    this.#parts = parts
    const { transport, settings, events, startPositions } = parts
    this.#settings = settings
    const states = (): readonly PartitionState<V, K>[] => this.partitions
    this.membership = this.#join({
      onAssignment: (partitions) => this.#assignment.change(partitions),
      onLost: () => this.#assignment.lose(),
      onFailure: (error) => this.feed.fail(error),
    })
    this.commits = new OffsetCommits(transport, settings, this.membership, events, parts.commitMode, {
      states,
      isOwned: (state) => this.#assignment.find(state) === state,
    })
    this.#assignment = new PartitionAssignment(
      transport,
      settings,
      this.membership,
      this.#stopping.signal,
      events,
      startPositions,
      {
        isLooping: () => this.loops > 0 || this.#readers.size > 0,
        onRevoking: (revoked) => this.#readers.forEach((reader) => reader.onRevoking(revoked)),
        commit: (revoked) => this.commits.commitAutomatically(revoked),
        onChange: () => this.#onChange(),
      },
    )
    const { onInvalid } = settings
    if (typeof onInvalid === 'object')
      this.#deadLetters = new DeadLetterWriter(transport, onInvalid.deadLetter, settings.runtime, this.#stopping.signal)
    this.feed = new RecordFeed({
      states,
      maxPollRecords: settings.maxPollRecords,
      onTaken: (state) => {
        if (!state.isFetching && state.bufferedBytes < settings.maxPartitionFetchBytes / 2) this.#fetcher.fetchAhead()
      },
      onInvalid: onInvalid === 'throw' ? undefined : (record, _state, error) => this.#putAside(record, error),
    })
    this.#fetcher = new Fetcher(transport, settings, {
      partitions: states,
      sourceOf: (state) => this.#sourceOf(state),
      onRecords: () => this.feed.wake(),
      onFailure: (error) => this.feed.fail(error),
    })
    this.#watchdog = new ProgressWatchdog(settings, {
      states: () => this.partitions as readonly PartitionState<unknown, unknown>[],
      membership: this.membership,
      isAwaited: () => this.feed.isAwaited,
      onStalled: (stall) => events.emit('stalled', stall),
    })
  }

  get partitions(): readonly PartitionState<V, K>[] {
    return this.#assignment.states
  }

  get isStopping(): boolean {
    return this.#stopped !== undefined
  }

  /** Whether partitions have ever been assigned to it. */
  get hasBegun(): boolean {
    return this.#assignment.hasBegun
  }

  start(): void {
    requireTopics(this.#parts, this.#stopping.signal).then(
      () => {
        if (this.isStopping) return
        this.membership.start()
        this.commits.start()
        this.#watchdog.start()
      },
      (error: unknown) => this.feed.fail(error),
    )
  }

  addReader(reader: SessionReader<V, K>): void {
    this.#readers.add(reader)
  }

  removeReader(reader: SessionReader<V, K>): void {
    this.#readers.delete(reader)
    this.#assignment.onFinished()
  }

  /** Whether the record was given out by the present owner of its partition, and the partition is not being given up. */
  mayBegin(record: KafkaRecord<V, K>): boolean {
    const state = stateOf(record)
    return this.#assignment.find(state) === state && !state.isRevoking
  }

  /** The record was processed. One that was given out before its partition was lost or its position moved counts no more. */
  finish(record: KafkaRecord<V, K>): void {
    const state = stateOf(record)
    state.tracker.finish(record.offset)
    if (state.isRevoking) this.#assignment.onFinished()
    // One of many unfinished records may have held its partition back.
    else if (this.#readers.size > 0 && this.feed.isAwaited && state.canGiveOut) this.feed.wake()
  }

  /** The record was not begun, and will not be. */
  release(record: KafkaRecord<V, K>): void {
    const state = stateOf(record)
    state.tracker.release(record.offset)
    if (state.isRevoking) this.#assignment.onFinished()
  }

  /** Commits what has been processed. */
  commit(): Promise<void> {
    return this.commits.commit(this.partitions)
  }

  offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets> {
    return this.commits.forTransaction(records)
  }

  /** Moves positions. What was fetched of these partitions is dropped. */
  seek(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    for (const { offset, ...target } of positions) {
      const state = this.#assignment.find(target)
      if (!state)
        throw new RebalanceInProgressError(`${describePartition(target)} is not assigned to this consumer now`, {
          retriable: false,
        })
      this.#assignment.replace(state).begin(offset)
    }
    this.#onChange()
  }

  async seekTo(start: StartOffset): Promise<void> {
    const states = [...this.partitions]
    const { transport } = this.#parts
    const offsets = await findStart(transport, this.#settings, start, states, this.#stopping.signal)
    const owned = states.map(({ topic, partition }, index) => ({ topic, partition, offset: offsets[index] as number }))
    this.seek(owned.filter((target) => this.#assignment.find(target)))
  }

  pause(partitions: readonly TopicPartition[], isPaused: boolean): void {
    for (const target of partitions) {
      const state = this.#assignment.find(target)
      if (state) state.isPaused = isPaused
    }
    this.#onChange()
  }

  stalls(): Stall[] {
    return this.#watchdog.stalls()
  }

  /** Lets handlers finish, commits what was processed, where that is automatic, and leaves the group. Does not fail. */
  stop(): Promise<void> {
    this.#stopped ??= this.#leave()
    return this.#stopped
  }

  async #leave(): Promise<void> {
    const { runtime, onRevoked, closeTimeoutMs } = this.#settings
    this.#fetcher.stop()
    this.#watchdog.stop()
    this.feed.end()
    const limit = new AbortController()
    const letters = this.#deadLetters
    if (this.#readers.size > 0 || letters?.isWriting) {
      const drained = Promise.all([letters?.idle(), ...[...this.#readers].map((reader) => reader.drain())])
      await Promise.race([drained, sleep(runtime.clock, closeTimeoutMs, limit.signal).catch(() => undefined)])
    }
    this.#stopping.abort(new Error('the consumer is leaving'))
    this.commits.stop()
    const owned = this.partitions
    const committed = (async () => {
      const partitions = owned.map(({ topic, partition }) => ({ topic, partition }))
      if (owned.length > 0) {
        this.#parts.events.emit('revoked', { partitions })
        await onRevoked(partitions)
      }
      await this.commits.commitAutomatically(owned)
    })()
    // The server may be gone: the group would notice by itself, and what was not committed is read again.
    const timeLimit = sleep(runtime.clock, Math.min(closeTimeoutMs, longestLastCommitMs), limit.signal)
    await Promise.race([committed.catch(() => undefined), timeLimit.catch(() => undefined)])
    limit.abort()
    await this.membership.leave()
    this.#assignment.clear()
  }

  #join(events: MembershipEvents): Membership {
    const { transport, settings, subscription, chosen } = this.#parts
    return settings.group === undefined || chosen
      ? new ManualAssignment(transport, settings, subscription, chosen, events)
      : new GroupMembership(transport, settings, settings.group, subscription, events)
  }

  #sourceOf(state: PartitionState<V, K>): PartitionSource<V, K> {
    let source = this.#sources.get(state)
    if (!source) {
      source = partitionSource(this.#parts.subscription.definitionOf(state.topic), state, {
        commit: ({ offset }) => this.commits.commitThrough(state, offset),
        reader: this,
      })
      this.#sources.set(state, source)
    }
    return source
  }

  /** A record that does not decode is left out, after it was put aside where that is asked for. */
  #putAside(record: KafkaRecord<V, K>, error: unknown): void {
    const { topic, partition, offset } = record
    const isAside = this.#deadLetters?.write(record as AnyKafkaRecord, error) ?? Promise.resolve()
    isAside.then(
      () => {
        this.#parts.events.emit('invalid', { topic, partition, offset, error })
        this.finish(record)
      },
      (failure: unknown) => {
        if (!this.isStopping) this.feed.fail(failure)
      },
    )
  }

  #onChange(): void {
    this.#fetcher.fetchAhead()
    this.feed.wake()
  }
}

function stateOf<V, K>(record: KafkaRecord<V, K>): PartitionState<V, K> {
  return (KafkaRecord.sourceOf(record) as PartitionSource<V, K>).state
}
