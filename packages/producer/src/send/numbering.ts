import type { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { IdentitySource } from './producer-identity.ts'

/** Gives batches the numbers by which the server knows them. */
export class Numbering {
  readonly #identities: IdentitySource
  readonly #signal: AbortSignal

  /** @param signal aborts when the producer is closed */
  constructor(identities: IdentitySource, signal: AbortSignal) {
    this.#identities = identities
    this.#signal = signal
  }

  /**
   * Numbers a batch that is sent for the first time, where the identity is known: at once, so that it cannot change in between and let a later
   * batch be numbered before an earlier one.
   */
  number(queue: PartitionQueue, batch: ProducerBatch): void {
    const { identity } = queue
    if (batch.identity || !identity || !this.#identities.isCurrent(identity)) return
    batch.identity = identity
    batch.baseSequence = identity.nextSequence
    identity.nextSequence = (identity.nextSequence + batch.count) % 2 ** 31
  }

  /** Without a known identity one batch is taken at a time, and waits for it. One that was given up meanwhile gets no number. */
  async identify({ queue, batch }: { readonly queue: PartitionQueue; readonly batch: ProducerBatch }): Promise<void> {
    this.number(queue, batch)
    if (batch.identity) return
    const { producerId, producerEpoch } = await this.#identities.request(this.#signal)
    queue.identity = { producerId, producerEpoch, nextSequence: 0, isProven: false, hasStray: false }
    if (!batch.isSettled) this.number(queue, batch)
  }
}
