import type { Timer } from '@kafkado/core'
import { sleep, TransactionScope } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'

/** Whether what has been processed is committed by itself. It ends for good when a transaction commits offsets of the consumer. */
export interface CommitMode {
  isAutomatic: boolean
}

interface AutomaticParts<V, K> {
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly mode: CommitMode
  /** Commits each partition up to the offset, as long as the mode is automatic when it is asked. */
  commit(states: readonly PartitionState<V, K>[], offsetOf: (state: PartitionState<V, K>) => number): Promise<unknown>
  /** Commits a record and all before it, also when the group was left. */
  readonly commitThrough: (state: PartitionState<V, K>, offset: number) => Promise<void>
}

/** Commits what has been processed, every now and then and when it is asked to, but for what transactions may be about. */
export class AutomaticCommits<V, K> {
  readonly #parts: AutomaticParts<V, K>
  #timer: Timer | undefined
  #isStopped = false

  constructor(parts: AutomaticParts<V, K>) {
    this.#parts = parts
  }

  start(): void {
    const { settings, mode, owned } = this.#parts
    if (this.#isStopped || !mode.isAutomatic) return
    this.#timer = settings.runtime.clock.schedule(settings.autoCommitIntervalMs, () => {
      // What fails now is committed the next time, or read again by whoever owns the partition then.
      void this.commit(owned.states)
        .catch(() => undefined)
        .finally(() => this.start())
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Transactions say from now on what is committed, as the later of two commits would count. */
  leaveToTransactions(): void {
    this.#parts.mode.isAutomatic = false
    this.#timer?.cancel()
  }

  /** The transaction in whose body a record is given out now, as far as it matters here. */
  get scope(): TransactionScope | undefined {
    return this.#parts.mode.isAutomatic ? TransactionScope.current : undefined
  }

  /** Commits what has been processed, unless that is left to the user or to transactions. */
  async commit(states: readonly PartitionState<V, K>[]): Promise<void> {
    if (!this.#parts.mode.isAutomatic) return
    await this.#parts.commit(states, (state) => {
      state.transactionReads.forgetBefore(state.committed ?? -1)
      return committableOf(state)
    })
  }

  /** The group is being left: what transactions have read that are still open is committed when they are, if nobody has gone on with it. */
  leave(): void {
    const { mode, owned, settings, commitThrough } = this.#parts
    if (!mode.isAutomatic) return
    for (const state of owned.states) {
      const commitLate = async (): Promise<void> => {
        const end = committableOf(state)
        if (!mode.isAutomatic || end <= (state.committed ?? 0)) return
        const over = new AbortController()
        const limit = sleep(settings.runtime.clock, settings.closeTimeoutMs, over.signal)
        await Promise.race([commitThrough(state, end - 1), limit]).finally(() => over.abort())
      }
      for (const scope of state.transactionReads.open) scope.onEnd(commitLate)
    }
  }
}

/**
 * What an automatic commit may say, below every offset where that is nothing. A transaction may be the first to say what was read, and a commit of before
 * it that arrives behind it would take it back: so a position that another reader finds by itself is not committed until something was read.
 */
function committableOf<V, K>({
  processedTo = -1,
  tracker: { finishedTo, firstGivenOut },
  transactionReads,
  isFoundAgain,
}: PartitionState<V, K>): number {
  const end = transactionReads.limitOf({ to: processedTo, finishedTo })
  const isAnythingRead = firstGivenOut !== undefined && end > firstGivenOut
  return isAnythingRead || !isFoundAgain ? end : -1
}
