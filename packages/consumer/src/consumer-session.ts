import {
  type AnyKafkaRecord,
  type KafkaRecord,
  type TransactionalReader,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'
import type { CommitMode } from './automatic-commits.ts'
import { CloseBudget } from './close-budget.ts'
import type { ConsumerSettings, TopicPartition } from './consumer-config.ts'
import type { ConsumerEventTarget, Stall } from './consumer-events.ts'
import type { DerivedPartitions } from './derived-membership.ts'
import { Fetcher } from './fetcher.ts'
import { InvalidRecords } from './invalid-records.ts'
import { makeMembership } from './make-membership.ts'
import type { Membership } from './membership.ts'
import { OffsetCommits } from './offset-commits.ts'
import { OwnedPartitions } from './owned-partitions.ts'
import { PartitionAssignment } from './partition-assignment.ts'
import { PartitionControl } from './partition-control.ts'
import { type PartitionState, stateOf } from './partition-state.ts'
import { PositionFinder } from './position-finder.ts'
import type { PositionWishes } from './position-wishes.ts'
import { ProgressWatchdog } from './progress-watchdog.ts'
import { RecordFeed } from './record-feed.ts'
import { RecordSources } from './record-sources.ts'
import { requireTopics } from './required-topics.ts'
import type { TopicSubscription } from './topic-subscription.ts'

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
  readonly wishes: PositionWishes
  readonly commitMode: CommitMode
  /** Partitions that were chosen by hand; undefined leaves that to the group or takes all. */
  readonly chosen: readonly TopicPartition[] | undefined
  /** Which partitions are read in place of those that the group has assigned. */
  readonly derived?: DerivedPartitions | undefined
  /** The session that reads now, which may be a later one. */
  current(): ConsumerSession<V, K> | undefined
  /** Called when it is over. */
  onLeft?(): void
}

/**
 * One stay in the group, from joining to leaving: the partitions owned, what is read ahead of them, and what may be committed. A
 * consumer that is iterated again begins a new one.
 */
export class ConsumerSession<V, K> implements TransactionalReader {
  readonly #parts: SessionParts<V, K>
  readonly #owned = new OwnedPartitions<V, K>()
  readonly #fetcher: Fetcher<V, K>
  readonly #finder: PositionFinder<V, K>
  readonly #assignment: PartitionAssignment<V, K>
  readonly #watchdog: ProgressWatchdog
  readonly #invalid: InvalidRecords
  readonly #stopping = new AbortController()
  readonly #readers = new Set<SessionReader<V, K>>()
  readonly #missingTopics = new Set<string>()
  #stopped: Promise<void> | undefined
  readonly membership: Membership
  readonly commits: OffsetCommits<V, K>
  readonly feed: RecordFeed<V, K>
  readonly control: PartitionControl<V, K>
  /** How many loops run, whose present record is finished soon. */
  loops = 0
  /** Whether it is over: what was given out can be committed as a member until then. */
  hasLeft = false

  constructor(parts: SessionParts<V, K>) {
    this.#parts = parts
    const { transport, settings, events, wishes, commitMode: mode } = parts
    const { signal: stopping } = this.#stopping
    const owned = this.#owned
    const onFailure = (error: unknown): void => this.feed.fail(error)
    const onUnknownTopic = (state: PartitionState<V, K>): void => this.#onUnknownTopic(state)
    const membership = makeMembership(parts, {
      onAssignment: (partitions) => this.#assignment.change(partitions),
      onLost: () => this.#assignment.lose(),
      onFailure,
    })
    this.membership = membership
    this.commits = new OffsetCommits({
      transport,
      settings,
      membership,
      owned,
      events,
      mode,
      isParallel: () => this.#readers.size > 0,
      successor: () => parts.current()?.commits,
    })
    this.#assignment = new PartitionAssignment({
      settings,
      owned,
      membership,
      events,
      wishes,
      stopping,
      isLooping: () => this.loops > 0 || this.#readers.size > 0,
      onRevoking: (revoked) => this.#readers.forEach((reader) => reader.onRevoking(revoked)),
      commit: (revoked) => this.commits.automatic.commit(revoked),
      find: () => this.#finder.find(),
      onChange: () => this.#onChange(),
    })
    this.#finder = new PositionFinder(transport, settings, owned, membership, stopping, {
      onAnswered: (found) => this.#onFound(found),
      onUnknownTopic,
      onFailure,
    })
    this.#invalid = new InvalidRecords(transport, settings, events, stopping, {
      onDone: (record) => this.finish(record),
      onFailure,
    })
    this.control = new PartitionControl(transport, settings, owned, stopping, () => this.#onChange())
    this.feed = new RecordFeed({
      states: () => owned.states,
      maxPollRecords: settings.maxPollRecords,
      scope: () => this.commits.automatic.scope,
      onTaken: (state) => {
        if (!state.isFetching && state.bufferedBytes < settings.maxPartitionFetchBytes / 2) this.#fetcher.fetchAhead()
      },
      onErrorTold: () => this.#onChange(),
      onInvalid: settings.onInvalid === 'throw' ? undefined : (record, error) => this.#invalid.leaveOut(record, error),
    })
    const sources = new RecordSources(parts.subscription, this, (state, offset) =>
      this.commits.commitThrough(state, offset),
    )
    this.#fetcher = new Fetcher(transport, settings, owned, {
      sourceOf: (state) => sources.of(state),
      onRecords: () => this.feed.wake(),
      onUnknownTopic,
      onAnswered: ({ topic }) => {
        if (this.#missingTopics.size > 0) this.#missingTopics.delete(topic)
      },
      onFailure,
    })
    this.#watchdog = new ProgressWatchdog(settings, {
      states: () => owned.states as readonly PartitionState<unknown, unknown>[],
      membership,
      isAwaited: () => this.feed.isAwaited,
      onStalled: (stall) => events.emit('stalled', stall),
    })
  }

  get partitions(): readonly PartitionState<V, K>[] {
    return this.#owned.states
  }

  get isStopping(): boolean {
    return this.#stopped !== undefined
  }

  /** Whether partitions have ever been assigned to it. */
  get hasBegun(): boolean {
    return this.#assignment.hasBegun
  }

  /** Topics that were read and are not there any more, as far as it knows. */
  get missingTopics(): readonly string[] {
    return [...this.#missingTopics]
  }

  start(): void {
    this.#watchdog.start()
    requireTopics(this.#parts, this.#stopping.signal).then(
      (topics) => {
        if (this.isStopping) return
        this.#assignment.learn(topics)
        this.membership.start()
        this.commits.automatic.start()
      },
      (error: unknown) => {
        if (!this.#stopping.signal.aborted) this.feed.fail(error)
      },
    )
  }

  addReader(reader: SessionReader<V, K>): void {
    this.#readers.add(reader)
  }

  removeReader(reader: SessionReader<V, K>): void {
    this.#readers.delete(reader)
    this.#assignment.onFinished()
  }

  /** Whether the record was given out of what is read of its partition now: neither was that lost since, nor was its position moved. */
  isPresent(record: KafkaRecord<V, K>): boolean {
    return this.#owned.owns(stateOf(record))
  }

  /** Whether the record was given out by the present owner of its partition, and the partition is not being given up. */
  mayBegin(record: KafkaRecord<V, K>): boolean {
    return this.isPresent(record) && !stateOf(record).isRevoking
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

  offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets> {
    return this.commits.forTransaction(records)
  }

  stalls(): Stall[] {
    return this.#watchdog.stalls()
  }

  /** Gives out no more records, and stays in the group so that what was given out can be committed. */
  endReading(): void {
    this.#fetcher.stop()
    this.#watchdog.stop()
    this.feed.end()
  }

  /**
   * Lets handlers and transactions finish, commits what was processed, where that is automatic, and leaves the group. Does not fail, and ends within
   * `closeTimeout`.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#leave())
  }

  async #leave(): Promise<void> {
    const budget = new CloseBudget(this.#parts.settings)
    this.endReading()
    this.commits.automatic.stop()
    const work = [this.#invalid.idle(), this.commits.decided(), ...[...this.#readers].map((one) => one.drain())]
    await orAborted(Promise.all(work), budget.work).catch(() => undefined)
    this.#stopping.abort(new Error('the consumer is leaving'))
    await orAborted(this.membership.idle(), budget.work).catch(() => undefined)
    await orAborted(this.#tellRevoked(), budget.listeners).catch(() => undefined)
    // The server may be gone: the group would notice by itself, and what was not committed is read again.
    const committed = this.commits.automatic.commit(this.partitions)
    await orAborted(committed, budget.commit).catch(() => undefined)
    const left = this.membership.leave(budget.leave, budget.answer)
    this.commits.leave(left)
    await left
    this.hasLeft = true
    this.#assignment.clear()
    budget.end()
    this.#parts.onLeft?.()
  }

  /** A listener that fails or does not end keeps nothing from being committed. */
  async #tellRevoked(): Promise<void> {
    const partitions = this.partitions.map(({ topic, partition }) => ({ topic, partition }))
    if (partitions.length === 0) return
    this.#parts.events.emit('revoked', { partitions })
    await this.#parts.settings.onRevoked(partitions)
  }

  /** Where to begin is kept at once where a restart would find another place: at the end, or by a time. */
  #onFound(states: readonly PartitionState<V, K>[]): void {
    if (this.#parts.settings.offset !== 'earliest') this.commits.automatic.commit(states).catch(() => undefined)
    this.#onChange()
  }

  /** The group, or the server, knows what has become of it. */
  #onUnknownTopic({ topic }: PartitionState<V, K>): void {
    this.#missingTopics.add(topic)
    void this.membership.heartbeat()
  }

  #onChange(): void {
    void this.#finder.find()
    this.#fetcher.fetchAhead()
    this.feed.wake()
  }
}
