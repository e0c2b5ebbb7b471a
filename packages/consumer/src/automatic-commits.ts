import type { Timer, Transport } from '@kafkado/core'
import { OpenTransactions, sleep } from '@kafkado/core/internal'
import type { ConsumerSettings } from './consumer-config.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import type { PartitionState } from './partition-state.ts'

/** Whether what has been processed is committed by itself. It ends for good when a transaction commits offsets of the consumer. */
export interface CommitMode {
  isAutomatic: boolean
}

/** How long a close waits for transactions that may be about what this consumer has given out, and have not said so. */
const undeclaredTimeLimitMs = 1000

interface AutomaticParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly mode: CommitMode
  /** Commits each partition up to the offset, as long as the mode is automatic when it is asked. */
  commit(states: readonly PartitionState<V, K>[], offsetOf: (state: PartitionState<V, K>) => number): Promise<void>
}

/** Commits what has been processed, every now and then and when it is asked to, but for what a transaction that is open may be about. */
export class AutomaticCommits<V, K> {
  readonly #parts: AutomaticParts<V, K>
  readonly #transactions: OpenTransactions
  readonly #forgetTransactions: () => void
  #timer: Timer | undefined
  #isStopped = false

  constructor(parts: AutomaticParts<V, K>) {
    this.#parts = parts
    this.#transactions = OpenTransactions.over(parts.transport)
    this.#forgetTransactions = this.#transactions.onAborted((mark) => {
      for (const { automaticLimit, processedTo } of parts.owned.states) automaticLimit.abort(mark, processedTo ?? 0)
    })
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

  /** Nothing is committed any more. */
  end(): void {
    this.#forgetTransactions()
  }

  /** A record is about to count as processed. */
  onFinish({ automaticLimit, processedTo }: PartitionState<V, K>): void {
    if (this.#parts.mode.isAutomatic) automaticLimit.note(this.#transactions, processedTo)
  }

  /** Commits what has been processed, unless that is left to the user or to transactions. */
  async commit(states: readonly PartitionState<V, K>[]): Promise<void> {
    if (!this.#parts.mode.isAutomatic) return
    await this.#parts.commit(states, ({ automaticLimit, processedTo, committed }) => {
      automaticLimit.forget(this.#transactions, committed)
      return automaticLimit.of(processedTo ?? -1, this.#transactions.oldest)
    })
  }

  /** Waits for transactions that may be about what was given out, so that it need not be read again when they are not. */
  async undeclared(): Promise<void> {
    const over = new AbortController()
    const expire = (): void => over.abort()
    if (!this.#isHeldBack()) return
    const { clock } = this.#parts.settings.runtime
    const expired = sleep(clock, undeclaredTimeLimitMs, over.signal).then(expire, () => undefined)
    while (!over.signal.aborted && this.#isHeldBack()) await Promise.race([expired, this.#transactions.nextEnd()])
    over.abort()
  }

  #isHeldBack(): boolean {
    const { mode, owned } = this.#parts
    const { oldest } = this.#transactions
    const isLimited = ({ automaticLimit, processedTo = 0 }: PartitionState<V, K>): boolean =>
      automaticLimit.of(processedTo, oldest) < automaticLimit.of(processedTo, undefined)
    return mode.isAutomatic && owned.states.some(isLimited)
  }
}
