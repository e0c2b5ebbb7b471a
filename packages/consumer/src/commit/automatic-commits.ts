import type { Timer } from '@kafkado/core'
import { settledWithin, sleep } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import type { CommitMode } from './commit-mode.ts'
import { committableOf, committableTo } from './due-offsets.ts'
import type { OffsetCommits } from './offset-commits.ts'

interface AutomaticParts<V, K> {
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly mode: CommitMode
  readonly commits: OffsetCommits<V, K>
}

/**
 * Commits processed records, at intervals and on request. Leaves out records that an undecided transaction may cover.
 */
export class AutomaticCommits<V, K> {
  readonly #parts: AutomaticParts<V, K>
  #timer: Timer | undefined
  #isStopped = false

  constructor(parts: AutomaticParts<V, K>) {
    this.#parts = parts
    parts.mode.ended.addEventListener('abort', this.#cancel, { once: true })
  }

  start(): void {
    const { settings, mode, owned } = this.#parts
    if (this.#isStopped || !mode.isAutomatic) return
    const due = (): void => void this.commit(owned.states).then(() => this.start())
    this.#timer = settings.runtime.clock.schedule(settings.autoCommitIntervalMs, due, 'recurring')
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
    this.#parts.mode.ended.removeEventListener('abort', this.#cancel)
  }

  /**
   * Commits processed records, unless the user or transactions commit. Never rejects: a failed commit is tried again
   * next time, or the partition's next owner reads those records again.
   *
   * @param until aborts when the caller stops waiting; the commit continues in the background
   */
  async commit(states: readonly PartitionState<V, K>[], until?: AbortSignal): Promise<void> {
    const { mode, commits } = this.#parts
    if (!mode.isAutomatic) return
    const committed = commits.carryOut({ due: () => (mode.isAutomatic ? committableOf(states) : []) })
    await (until ? settledWithin(until, committed) : committed.catch(() => undefined))
  }

  /** The page goes away: what has been processed is sent at once, and nobody learns what becomes of it. */
  sendAway(): void {
    const { mode, owned, commits } = this.#parts
    if (mode.isAutomatic) commits.sendAway(committableOf(owned.states))
  }

  /**
   * The consumer is leaving the group. Records that open transactions have read are committed when their transactions
   * are, if no other member has read past them.
   */
  leave(): void {
    const { mode, owned } = this.#parts
    if (!mode.isAutomatic) return
    for (const state of owned.states)
      for (const scope of state.transactionReads.open) scope.onEnd(() => this.#commitLate(state))
  }

  async #commitLate(state: PartitionState<V, K>): Promise<void> {
    const { mode, settings, commits } = this.#parts
    const end = committableTo(state)
    if (!mode.isAutomatic || end <= (state.committed ?? 0)) return
    const over = new AbortController()
    const limit = sleep(settings.runtime.clock, settings.closeTimeoutMs, over.signal)
    await Promise.race([commits.commitThrough(state, end - 1), limit]).finally(() => over.abort())
  }

  readonly #cancel = (): void => {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
