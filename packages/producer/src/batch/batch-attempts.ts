import { hasUnknownOutcome } from '@kafkado/core/internal'

/** The attempts to send one batch. Everyone else gets it as read-only. */
export class BatchAttempts {
  /** Number of attempts begun. */
  count = 0
  /**
   * Whether batches with earlier numbers were in flight when the last attempt began. This batch may then have overtaken
   * them.
   */
  isBehind = false
  /** Whether a request with the batch has left. */
  isSent = false
  /** Why the last completed attempt was not acknowledged. */
  lastError: Error | undefined
  #isUnanswered = false
  #mayBeAppended = false

  /** Whether the server may have appended the batch: a request with it is on its way, or was not answered. */
  get mayBeAppended(): boolean {
    return this.#mayBeAppended || this.#isUnanswered
  }

  begin(isBehind: boolean): void {
    this.count++
    this.isBehind = isBehind
  }

  /** The request leaves. */
  leave(): void {
    this.isSent = true
    this.#isUnanswered = true
  }

  answered(): void {
    this.#isUnanswered = false
  }

  failed(error: unknown): void {
    this.#isUnanswered = false
    this.lastError = error as Error
    this.#mayBeAppended ||= hasUnknownOutcome(error)
  }

  /** A copy of an answered request may still arrive. */
  doubt(): void {
    this.#mayBeAppended = true
  }
}
