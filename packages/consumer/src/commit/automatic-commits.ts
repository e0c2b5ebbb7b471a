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
 * Commits what has been processed, every now and then and when it is asked to, but for what transactions may be about.
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
   * Commits what has been processed, unless that is left to the user or to transactions. Does not fail: what
   * cannot be committed now is the next time, or it is read again by whoever owns the partition then.
   *
   * @param until aborts when it is not waited for any more; it goes on beside
   */
  async commit(states: readonly PartitionState<V, K>[], until?: AbortSignal): Promise<void> {
    const { mode, commits } = this.#parts
    if (!mode.isAutomatic) return
    const committed = commits.carryOut({ due: () => (mode.isAutomatic ? committableOf(states) : []) })
    await (until ? settledWithin(until, committed) : committed.catch(() => undefined))
  }

  /**
   * The group is being left: what transactions have read that are still open is committed when they are, if nobody has
   * gone on with it.
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
