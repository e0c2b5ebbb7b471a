import { hasUnknownOutcome } from '@kafkado/core/internal'

/** What is known of the attempts to send one batch. Others than its own methods get it read-only. */
export class BatchAttempts {
  /** How many have begun. */
  count = 0
  /**
   * Whether others that were numbered before it were on their way when the last one began: then it may have overtaken
   * them.
   */
  isBehind = false
  /** Whether a request with the batch has left. */
  isSent = false
  /** Why the last one that ended was not acknowledged. */
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

  /** A copy of a request that was answered may still arrive. */
  doubt(): void {
    this.#mayBeAppended = true
  }
}
