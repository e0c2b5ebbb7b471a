import { isKafkaError } from '@kafkado/core'
import { hasUnknownOutcome, sequenceAfter } from '@kafkado/core/internal'
import type { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import { newIdentity } from '../batch/producer-identity.ts'
import type { IdentitySource } from './identity-source.ts'

/**
 * Gives batches the numbers by which the server knows them, and partitions another identity when a number will not
 * come.
 */
export class Numbering {
  readonly #identities: IdentitySource
  readonly #signal: AbortSignal

  /** @param signal aborts when the producer is closed */
  constructor(identities: IdentitySource, signal: AbortSignal) {
    this.#identities = identities
    this.#signal = signal
  }

  /**
   * Numbers a batch that is sent for the first time, where the identity is known: at once, so that it cannot change in
   * between and let a later batch be numbered before an earlier one.
   */
  number(queue: PartitionQueue, batch: ProducerBatch): void {
    const { identity } = queue
    if (batch.identity || !identity || !this.#identities.isCurrent(identity)) return
    batch.number(identity, identity.nextSequence)
    identity.nextSequence = sequenceAfter(identity.nextSequence, batch.count)
  }

  /**
   * Without a known identity one batch is taken at a time, and waits for it. One that was given up meanwhile gets no
   * number.
   */
  async identify(queue: PartitionQueue, batch: ProducerBatch): Promise<void> {
    this.number(queue, batch)
    if (batch.identity) return
    const { producerId, producerEpoch } = await this.#identities.request(this.#signal)
    queue.identity = newIdentity(producerId, producerEpoch)
    if (!batch.isSettled) this.number(queue, batch)
  }

  /** The server has taken the batch. */
  proven({ identity }: ProducerBatch): void {
    if (identity) identity.isProven = true
  }

  /**
   * Lets a batch whose numbers the server has refused get new ones, when those before it were given up under an
   * identity that is no longer used. Not so when some request can still append it: one of its own that was not
   * answered, or, when the one before it may still arrive, a second copy that a proxy has made of an answered one.
   *
   * @returns whether it may be sent again
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
   * The batch was given up. After one that will not come the numbering has a gap, so the partition goes on under a new
   * identity, or from the number of that batch on.
   *
   * @param told how it has failed
   */
  givenUp(queue: PartitionQueue, batch: ProducerBatch, told: unknown): void {
    const { identity, attempts } = batch
    if (!identity) return
    if (attempts.isSent) identity.hasStray ||= hasUnknownOutcome(told)
    if (identity !== queue.identity) return
    queue.identity = this.#identities.onGap(told, batch, queue)
    if (queue.identity === identity) identity.nextSequence = batch.baseSequence
  }

  /** Whether the server has gone on to the next epoch: then nothing of the last one can arrive any more. */
  #isOver(error: unknown): boolean {
    return this.#identities.transactionalId === null && isKafkaError(error, 'INVALID_PRODUCER_EPOCH')
  }
}

/**
 * Whether the server refused the numbers of a batch. One without any was refused by somebody else: it is to fail, and
 * not to be sent again at once.
 */
export function isOutOfOrder({ identity }: ProducerBatch, error: unknown): boolean {
  return identity !== undefined && isKafkaError(error, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID')
}
