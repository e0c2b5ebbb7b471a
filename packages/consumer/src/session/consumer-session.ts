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
 * One stay in the group, from joining to leaving: the owned partitions, the records read ahead, and the offsets to
 * commit. A new iteration of the consumer begins a new session.
 */
export class ConsumerSession<V, K> {
  readonly #parts: SessionParts<V, K>
  readonly #own: SessionCollaborators<V, K>
  readonly #stopping = new AbortController()
  #stopped: Promise<void> | undefined
  /** Whether the consumer has left the group. Until then records can be committed as a member. */
  hasLeft = false

  readonly membership: Membership
  readonly missingTopics: MissingTopics
  /** Signals that records may have arrived. */
  readonly arrivals: Arrivals
  /** Gives out records. */
  readonly feed: RecordFeed<V, K>
  /** Hears what became of them. */
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

  /** Whether partitions have ever been assigned. */
  get hasBegun(): boolean {
    return this.#own.assignment.hasBegun
  }

  stalls(): Stall[] {
    return this.#own.watchdog.stalls()
  }

  /** Joins the group, which then assigns partitions. */
  start(): void {
    const { assignment, automatic, arrivals, firstLook, watchdog } = this.#own
    watchdog.start()
    firstLook.isUnderWay = true
    const onFailed = (reason: unknown): void => {
      firstLook.problem = reason
    }
    requireTopics({ ...this.#parts, onFailed }, this.#stopping.signal).then(
      (topics) => {
        firstLook.isUnderWay = false
        if (this.isStopping) return
        assignment.learn(topics)
        this.membership.start(assignment)
        automatic.start()
      },
      (error: unknown) => {
        firstLook.isUnderWay = false
        if (!this.#stopping.signal.aborted) arrivals.fail(error)
      },
    )
  }

  /**
   * The owned partitions or their positions have changed: look up positions, then fetch records, then give them out.
   */
  #goOn(): void {
    const { finder, fetcher, arrivals } = this.#own
    void finder.find()
    fetcher.fetchAhead()
    arrivals.wake()
  }

  /** Gives out no more records, and stays in the group so that the ones given out can be committed. */
  endReading(): void {
    const { fetcher, watchdog, arrivals } = this.#own
    fetcher.stop()
    watchdog.stop()
    arrivals.end()
  }

  /** A reader has ended. The last one leaves the group; the others get again what it has not finished. */
  async readerEnded(): Promise<void> {
    if (!this.work.isRead || !this.arrivals.isOpen) await this.stop()
    else this.work.readReleasedAgain()
  }

  /**
   * Lets handlers and transactions finish, commits processed records with `autoCommit`, and leaves the group. Never
   * rejects, and ends within `closeTimeout`.
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
    // The server may be gone. Then the group notices by itself, and uncommitted records are read again.
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

  /** A listener that fails or hangs does not prevent the commit. */
  async #tellRevoked(): Promise<void> {
    const { events, settings } = this.#parts
    const partitions = this.partitions.map(plainPartition)
    if (partitions.length === 0) return
    events.emit('revoked', { partitions })
    await settings.onRevoked(partitions)
  }
}
