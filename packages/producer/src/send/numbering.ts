import { isKafkaError } from '@kafkado/core'
import { hasUnknownOutcome, sequenceAfter } from '@kafkado/core/internal'
import type { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import { newIdentity } from '../batch/producer-identity.ts'
import type { IdentitySource } from './identity-source.ts'

/** Numbers batches for the server, and gives a partition another identity when a number is never going to arrive. */
export class Numbering {
  readonly #identities: IdentitySource
  readonly #signal: AbortSignal

  /** @param signal aborts when the producer is closed */
  constructor(identities: IdentitySource, signal: AbortSignal) {
    this.#identities = identities
    this.#signal = signal
  }

  /**
   * Numbers a batch when it is first sent, if the identity is known. It does so synchronously: the identity cannot
   * change in between and let a later batch be numbered first.
   */
  number(queue: PartitionQueue, batch: ProducerBatch): void {
    const { identity } = queue
    if (batch.identity || !identity || !this.#identities.isCurrent(identity)) return
    batch.number(identity, identity.nextSequence)
    identity.nextSequence = sequenceAfter(identity.nextSequence, batch.count)
  }

  /** Waits for an identity, one batch at a time. A batch that was given up meanwhile gets no number. */
  async identify(queue: PartitionQueue, batch: ProducerBatch): Promise<void> {
    this.number(queue, batch)
    if (batch.identity) return
    const { producerId, producerEpoch } = await this.#identities.request(this.#signal)
    queue.identity = newIdentity(producerId, producerEpoch)
    if (!batch.isSettled) this.number(queue, batch)
  }

  /** The server has accepted the batch. */
  proven({ identity }: ProducerBatch): void {
    if (identity) identity.isProven = true
  }

  /**
   * Gives a batch new numbers after the server refused its old ones, when batches before it were given up under an
   * identity that is no longer in use. It does not when some request may still append the batch: an unanswered one of
   * its own, or, while the batch before it may still arrive, a copy that a proxy made of an answered one.
   *
   * @returns whether the batch may be retried
   */
  startOver(queue: PartitionQueue, batch: ProducerBatch, error: unknown): boolean {
    const { identity, attempts } = batch
    if (!identity || identity === queue.identity) return false
    const isBehindGap = isOutOfOrder(batch, error)
    if (!isBehindGap && !this.#isOver(error)) return false
    if (isBehindGap && identity.hasStray) attempts.doubt()
    if (attempts.mayBeAppended) return false
    batch.dropNumbers()
    return true
  }

  /**
   * A batch was given up. If the server never gets it, the numbering has a gap: the partition then continues under a
   * new identity, or from that batch's number.
   *
   * @param told why it failed
   */
  givenUp(queue: PartitionQueue, batch: ProducerBatch, told: unknown): void {
    const { identity, attempts } = batch
    if (!identity) return
    if (attempts.isSent) identity.hasStray ||= hasUnknownOutcome(told)
    if (identity !== queue.identity) return
    queue.identity = this.#identities.onGap(told, batch, queue)
    if (queue.identity === identity) identity.nextSequence = batch.baseSequence
  }

  /** Whether the server has moved to the next epoch: no batch of the last one can be appended any more. */
  #isOver(error: unknown): boolean {
    return this.#identities.transactionalId === null && isKafkaError(error, 'INVALID_PRODUCER_EPOCH')
  }
}

/**
 * Whether the server refused the numbers of a batch. If the batch has no numbers, somebody else sent this error: the
 * batch has to fail, and must not be retried at once.
 */
export function isOutOfOrder({ identity }: ProducerBatch, error: unknown): boolean {
  return identity !== undefined && isKafkaError(error, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID')
}
