import { codeOf, DisconnectedError, KafkaError, type Runtime, TimeoutError } from '@kafkado/core'
import { backoffOf, bounded, patienceOfBrokers, retrying, sleep } from '@kafkado/core/internal'
import type { Asker } from '../connection/asker.ts'
import { ClusterUnreachable } from './cluster-unreachable.ts'

const { backoff: firstBackoffMs, maxBackoff: longestBackoffMs } = patienceOfBrokers

/**
 * Errors that pass by themselves, because leaders, coordinators or transactions are moving. A retry a little later
 * succeeds.
 */
const passing = new Set(
  (
    [
      'LEADER_NOT_AVAILABLE',
      'NOT_LEADER_OR_FOLLOWER',
      'REPLICA_NOT_AVAILABLE',
      'NETWORK_EXCEPTION',
      'COORDINATOR_LOAD_IN_PROGRESS',
      'COORDINATOR_NOT_AVAILABLE',
      'NOT_COORDINATOR',
      'NOT_CONTROLLER',
      'CONCURRENT_TRANSACTIONS',
      'KAFKA_STORAGE_ERROR',
      'FENCED_LEADER_EPOCH',
      'UNKNOWN_LEADER_EPOCH',
      'OFFSET_NOT_AVAILABLE',
    ] as const
  ).map(codeOf),
)

/** Whether the error code asks for a retry, at another broker or a little later. Nothing was changed then. */
export function isPassing(errorCode: number): boolean {
  return passing.has(errorCode)
}

/** Nobody sees this error: it only stops waiting work. It is made once, because making an error is expensive. */
const ended = new DisconnectedError('the operation has ended', { retriable: false })

/** One running operation: how long a retry makes sense, and whether it may have had an effect already. */
export class Call implements Asker {
  /** Aborts at the deadline, when the caller gives up, and when the transport is closed. */
  readonly signal: AbortSignal
  readonly deadlineMs: number
  readonly runtime: Runtime
  /** Whether it may be carried out twice. */
  readonly isRepeatable: boolean
  readonly #name: string
  readonly #abort = new AbortController()
  #isSent = false
  #lastProblem: unknown

  constructor(name: string, isRepeatable: boolean, timeoutMs: number, runtime: Runtime) {
    this.signal = this.#abort.signal
    this.deadlineMs = runtime.clock.monotonic() + timeoutMs
    this.runtime = runtime
    this.#name = name
    this.isRepeatable = isRepeatable
  }

  sent(): void {
    this.#isSent = true
  }

  /**
   * Runs the operation. Rejects at the deadline, at the caller's signal and when `closing` aborts, even if work is
   * still running.
   */
  async run<T>(work: () => Promise<T>, caller: AbortSignal | undefined, closing: AbortSignal): Promise<T> {
    const { clock } = this.runtime
    try {
      return await bounded(work, {
        clock,
        timeoutMs: this.deadlineMs - clock.monotonic(),
        timedOut: () => this.#timeout(),
        signals: [caller, closing],
        abort: this.#abort,
      })
    } finally {
      // Stops everything that still waits for this operation.
      if (!this.signal.aborted) this.#abort.abort(ended)
    }
  }

  /**
   * Retries while the error passes by itself, there is time, and a retry cannot do the same thing twice. If an attempt
   * may have been carried out, the last error says so.
   */
  retrying<T>(once: () => Promise<T>): Promise<T> {
    const next = (error: unknown, attempt: number): number | undefined => {
      const mayRepeat = KafkaError.is(error) && (error.outcome === 'failed' || this.isRepeatable)
      const again =
        mayRepeat &&
        error.retriable &&
        error.kafkaCode !== undefined &&
        isPassing(error.kafkaCode) &&
        !(error instanceof ClusterUnreachable)
      if (!again || this.#backoffEndMs(attempt) >= this.deadlineMs) return undefined
      this.#lastProblem = error
      return this.#backoffMs(attempt)
    }
    return retrying(once, { clock: this.runtime.clock, signal: this.signal, next })
  }

  /** Waits before the next attempt. @returns false if the deadline comes first */
  async pauseBefore(attempt: number, problem: unknown): Promise<boolean> {
    if (this.#backoffEndMs(attempt) >= this.deadlineMs) return false
    await this.pause(attempt, problem)
    return true
  }

  async pause(attempt: number, problem: unknown): Promise<void> {
    this.#lastProblem = problem
    await sleep(this.runtime.clock, this.#backoffMs(attempt), this.signal)
  }

  #backoffMs(attempt: number): number {
    return backoffOf(patienceOfBrokers, this.runtime)(attempt, undefined)
  }

  #backoffEndMs(attempt: number): number {
    return this.runtime.clock.monotonic() + Math.min(firstBackoffMs * 2 ** attempt, longestBackoffMs)
  }

  #timeout(): TimeoutError {
    const problem = this.#lastProblem
    const because = problem instanceof Error ? `; the last attempt failed with: ${problem.message}` : ''
    return new TimeoutError(`the brokers did not carry out ${this.#name} in time${because}`, {
      outcome: this.#isSent ? 'unknown' : 'failed',
      cause: problem,
    })
  }
}
