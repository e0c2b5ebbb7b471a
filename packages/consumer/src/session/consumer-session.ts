import { settledWithin } from '@kafkado/core/internal'
import type { OffsetCommits } from '../commit/offset-commits.ts'
import type { TransactionCommits } from '../commit/transaction-commits.ts'
import type { Stall } from '../settings/consumer-events.ts'
import type { PartitionControl } from '../fetch/partition-control.ts'
import type { RecordFeed } from '../fetch/record-feed.ts'
import type { Membership } from '../group/membership.ts'
import type { MissingTopics } from '../group/missing-topics.ts'
import { requireTopics } from '../group/required-topics.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import type { WorkInHand } from '../partition/work-in-hand.ts'
import { plainPartition } from '../partition/topic-partition.ts'
import { CloseBudget } from './close-budget.ts'
import { collaborators, type SessionCollaborators, type SessionParts } from './session-collaborators.ts'

/**
 * One stay in the group, from joining to leaving: the partitions owned, what is read ahead of them, and what may be
 * committed. A consumer that is iterated again begins a new one.
 */
export class ConsumerSession<V, K> {
  readonly #parts: SessionParts<V, K>
  readonly #own: SessionCollaborators<V, K>
  readonly #stopping = new AbortController()
  #stopped: Promise<void> | undefined
  /** Whether it is over: what was given out can be committed as a member until then. */
  hasLeft = false

  readonly membership: Membership
  readonly missingTopics: MissingTopics
  /** Tells when records may have come. */
  readonly arrivals: Arrivals
  /** Gives records out. */
  readonly feed: RecordFeed<V, K>
  /** Is told what has become of them. */
  readonly work: WorkInHand<V, K>
  readonly commits: OffsetCommits<V, K>
  readonly transactions: TransactionCommits<V, K>
  readonly control: PartitionControl<V, K>

  constructor(parts: SessionParts<V, K>) {
    this.#parts = parts
    const own = collaborators(parts, this.#stopping.signal)
    this.#own = own
    this.membership = own.membership
    this.missingTopics = own.missingTopics
    this.arrivals = own.arrivals
    this.feed = own.feed
    this.work = own.work
    this.commits = own.commits
    this.transactions = own.transactions
    this.control = own.control
    own.owned.onChange(() => this.#goOn())
    parts.present.commits = own.commits
  }

  get partitions(): readonly PartitionState<V, K>[] {
    return this.#own.owned.states
  }

  get isStopping(): boolean {
    return this.#stopped !== undefined
  }

  /** Whether partitions have ever been assigned to it. */
  get hasBegun(): boolean {
    return this.#own.assignment.hasBegun
  }

  stalls(): Stall[] {
    return this.#own.watchdog.stalls()
  }

  /** Joins the group, which then says what to own. */
  start(): void {
    const { assignment, automatic, arrivals, watchdog } = this.#own
    watchdog.start()
    requireTopics(this.#parts, this.#stopping.signal).then(
      (topics) => {
        if (this.isStopping) return
        assignment.learn(topics)
        this.membership.start(assignment)
        automatic.start()
      },
      (error: unknown) => {
        if (!this.#stopping.signal.aborted) arrivals.fail(error)
      },
    )
  }

  /**
   * What is owned, or where it goes on, has changed: positions are looked for, then records are fetched, then given
   * out.
   */
  #goOn(): void {
    const { finder, fetcher, arrivals } = this.#own
    void finder.find()
    fetcher.fetchAhead()
    arrivals.wake()
  }

  /** Gives out no more records, and stays in the group so that what was given out can be committed. */
  endReading(): void {
    const { fetcher, watchdog, arrivals } = this.#own
    fetcher.stop()
    watchdog.stop()
    arrivals.end()
  }

  /**
   * Lets handlers and transactions finish, commits what was processed, where that is automatic, and leaves the group.
   * Does not fail, and ends within `closeTimeout`.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#leave())
  }

  async #leave(): Promise<void> {
    const { settings, present } = this.#parts
    const { automatic, assignment } = this.#own
    const budget = new CloseBudget(settings)
    if (present.commits === this.commits) present.commits = undefined
    this.endReading()
    automatic.stop()
    await settledWithin(budget.work, this.#untilWorkIsDone())
    this.#stopping.abort(new Error('the consumer is leaving'))
    await settledWithin(budget.work, this.membership.idle())
    await settledWithin(budget.listeners, this.#tellRevoked())
    // The server may be gone: the group would notice by itself, and what was not committed is read again.
    await automatic.commit(this.partitions, budget.commit)
    const left = this.membership.leave(budget.leave, budget.answer)
    automatic.leave()
    this.commits.leave(left)
    await left
    this.hasLeft = true
    assignment.clear()
    budget.end()
    this.#parts.onLeft?.()
  }

  async #untilWorkIsDone(): Promise<void> {
    await Promise.all([this.#own.invalid.idle(), this.transactions.decided(), this.work.drain()])
  }

  /** A listener that fails or does not end keeps nothing from being committed. */
  async #tellRevoked(): Promise<void> {
    const { events, settings } = this.#parts
    const partitions = this.partitions.map(plainPartition)
    if (partitions.length === 0) return
    events.emit('revoked', { partitions })
    await settings.onRevoked(partitions)
  }
}
