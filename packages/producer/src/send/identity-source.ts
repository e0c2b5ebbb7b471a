import { initProducerId, KafkaError, type Transport } from '@kafkado/core'
import { untilAnswered, withOutcome } from '@kafkado/core/internal'
import type { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import { newIdentity, type ProducerIdAndEpoch, type ProducerIdentity } from '../batch/producer-identity.ts'
import type { ProducerSettings } from '../settings/producer-config.ts'

/** Gives a sender the identities that number its batches. */
export interface IdentitySource {
  /** The transaction of the batches; null for none. */
  readonly transactionalId: string | null
  /** Whether a partition may go on numbering under its identity. */
  isCurrent(identity: ProducerIdentity): boolean
  /** Requests the identity of a partition that has none. */
  request(signal: AbortSignal): Promise<ProducerIdAndEpoch>
  /**
   * A numbered batch was given up, which leaves a gap. Returns the identity that the partition continues with.
   * Undefined: the partition requests one. The same identity: the partition continues from that batch's number, as
   * nothing behind it keeps a number.
   *
   * @param error why it failed
   */
  onGap(error: unknown, batch: ProducerBatch, queue: PartitionQueue): ProducerIdentity | undefined
}

/** Epochs are 16-bit numbers. */
const lastEpoch = 2 ** 15 - 1

/**
 * The identities of a producer without transactions. Partitions share one. A partition that has to start over continues
 * at the next epoch (KIP-360). Once the server has accepted a batch of that epoch, it refuses every batch of an earlier
 * one, however late it arrives.
 */
export class IdempotentIdentities implements IdentitySource {
  readonly transactionalId = null
  readonly #transport: Transport
  readonly #settings: Pick<ProducerSettings, 'runtime' | 'deliveryTimeoutMs' | 'retryBackoffMs'>
  #shared: Promise<ProducerIdAndEpoch> | undefined

  constructor(
    transport: Transport,
    settings: Pick<ProducerSettings, 'runtime' | 'deliveryTimeoutMs' | 'retryBackoffMs'>,
  ) {
    this.#transport = transport
    this.#settings = settings
  }

  isCurrent(): boolean {
    return true
  }

  request(signal: AbortSignal): Promise<ProducerIdAndEpoch> {
    const request = { transactionalId: null, transactionTimeoutMs: 0, producerId: -1, producerEpoch: -1 }
    const { runtime, deliveryTimeoutMs: timeoutMs, retryBackoffMs } = this.#settings
    const limits = { runtime, timeoutMs, retryBackoffMs, signal }
    this.#shared ??= untilAnswered('the producer id', limits, (attempt) =>
      this.#transport.send(initProducerId, request, attempt),
    ).catch((error: unknown) => {
      this.#shared = undefined
      // An unused id does no harm, and no record was written.
      throw KafkaError.is(error) ? withOutcome(error, 'failed') : error
    })
    return this.#shared
  }

  onGap(_error: unknown, { identity }: ProducerBatch): ProducerIdentity | undefined {
    const { producerId, producerEpoch } = identity as ProducerIdentity
    if (producerEpoch < lastEpoch) return newIdentity(producerId, producerEpoch + 1)
    this.#shared = undefined
    return undefined
  }
}
