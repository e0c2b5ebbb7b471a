import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerIdentity } from './producer-identity.ts'

/**
 * The batches of one partition on their way, in order: those to be sent again, then the closed ones, then the open one. With
 * idempotence each is numbered when it is first sent.
 */
export class PartitionQueue {
  readonly partition: number
  /** Sent before and to be sent again, in the order in which they were begun. */
  readonly retries: ProducerBatch[] = []
  readonly closed: ProducerBatch[] = []
  open: ProducerBatch | undefined
  nextOrder = 0
  /** As large as the last batch and a little more. */
  usualBytes = 1024
  readonly inFlight = new Set<ProducerBatch>()
  identity: ProducerIdentity | undefined
  /** Nothing is sent before this time. */
  retryAtMs = 0

  constructor(partition: number) {
    this.partition = partition
  }

  /** Every batch that is not settled yet. */
  all(): ProducerBatch[] {
    return [...this.inFlight, ...this.retries, ...this.closed, ...(this.open ? [this.open] : [])]
  }

  closeOpen(): void {
    if (!this.open) return
    this.usualBytes = Math.ceil(this.open.sizeInBytes * 1.1)
    this.closed.push(this.open)
    this.open = undefined
  }

  /** Puts a batch that was sent back in its place. */
  retry(batch: ProducerBatch): void {
    this.inFlight.delete(batch)
    const later = this.retries.findIndex(({ order }) => order > batch.order)
    this.retries.splice(later < 0 ? this.retries.length : later, 0, batch)
  }

  remove(batch: ProducerBatch): void {
    this.inFlight.delete(batch)
    for (const list of [this.retries, this.closed]) {
      const index = list.indexOf(batch)
      if (index >= 0) list.splice(index, 1)
    }
    if (this.open === batch) this.open = undefined
  }

  /** Whether a batch that was numbered before this one still has no answer. */
  hasEarlierThan(batch: ProducerBatch): boolean {
    const isEarlier = (other: ProducerBatch): boolean => other.identity === batch.identity && other.order < batch.order
    return [...this.inFlight].some(isEarlier) || this.retries.some(isEarlier)
  }

  /**
   * Gives the numbers of a batch that will not come to those behind it, so that the server misses none. Not where a request with a later number has left: a copy
   * of it that comes late would then follow on what is there, and be written a second time.
   *
   * @returns whether it was possible
   */
  closeGap({ identity, baseSequence }: ProducerBatch): boolean {
    if (!identity || identity !== this.identity || this.inFlight.size > 0) return false
    const behind = this.retries.filter((batch) => batch.identity === identity)
    if (behind.some(({ isSent }) => isSent)) return false
    for (const batch of behind) {
      batch.identity = undefined
      batch.baseSequence = -1
    }
    identity.nextSequence = baseSequence
    return true
  }

  /** How many may be in flight: one until the server knows the identity and while one is sent again. */
  mayBeInFlight(maxInFlight: number, idempotent: boolean): number {
    if (!idempotent) return maxInFlight
    return this.identity?.isProven && this.retries.length === 0 ? maxInFlight : 1
  }

  /** The next batch to send, taken out of the queue; undefined when none may or need leave yet. */
  take(
    nowMs: number,
    lingerMs: number,
    batchSize: number,
    maxInFlight: number,
    idempotent: boolean,
  ): ProducerBatch | undefined {
    if (nowMs < this.retryAtMs || this.inFlight.size >= this.mayBeInFlight(maxInFlight, idempotent)) return undefined
    const again = this.retries.shift()
    if (again) return again
    // Under a new identity numbering begins at 0, so what was numbered under the last one has to be settled first.
    if (idempotent && !this.identity && this.inFlight.size > 0) return undefined
    if (this.closed.length === 0 && this.open) {
      const { isDue, sizeInBytes, createdMs } = this.open
      if (isDue || this.inFlight.size === 0 || sizeInBytes >= batchSize || nowMs - createdMs >= lingerMs)
        this.closeOpen()
    }
    return this.closed.shift()
  }
}
