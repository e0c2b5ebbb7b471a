import { initProducerId, KafkaError, type Transport } from '@kafkado/core'
import { untilAnswered, withOutcome } from '@kafkado/core/internal'
import type { ProducerSettings } from '../producer-config.ts'

/** Under which id a partition's batches are numbered. A new one begins at sequence 0. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
  nextSequence: number
  /** Whether the server has taken a batch under it: only then may more than one be in flight. */
  isProven: boolean
  /** Whether a batch of it was given up that may still be appended, as nobody knows where its request is. */
  hasStray: boolean
}

/** What the server knows a transactional id by. */
export type TransactionIdentity = Pick<ProducerIdentity, 'producerId' | 'producerEpoch'>

/** Where a sender gets the identities from, under which it numbers its batches. */
export interface IdentitySource {
  /** The transaction that batches belong to; null for none. */
  readonly transactionalId: string | null
  /** Whether a partition may go on numbering under its identity. */
  isCurrent(identity: ProducerIdentity): boolean
  /** What a partition begins with that has none. */
  request(signal: AbortSignal): Promise<Pick<ProducerIdentity, 'producerId' | 'producerEpoch'>>
  /** A numbered batch was given up, which leaves a gap. Returns what the partition goes on under; undefined: what is requested then. */
  onGap(error: unknown, identity: ProducerIdentity): ProducerIdentity | undefined
}

/** Epochs are 16-bit numbers. */
const lastEpoch = 2 ** 15 - 1

/**
 * The identities of a producer without transactions: partitions share one, and one that has to begin anew goes on at the next epoch (KIP-360).
 * Once the server has taken a batch of that epoch, none of an earlier one can come after it, however late it arrives.
 */
export class IdempotentIdentities implements IdentitySource {
  readonly transactionalId = null
  readonly #transport: Transport
  readonly #settings: Pick<ProducerSettings, 'runtime' | 'deliveryTimeoutMs' | 'retryBackoffMs'>
  #shared: ReturnType<IdentitySource['request']> | undefined

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

  request(signal: AbortSignal): ReturnType<IdentitySource['request']> {
    const request = { transactionalId: null, transactionTimeoutMs: 0, producerId: -1, producerEpoch: -1 }
    const { runtime, deliveryTimeoutMs: timeoutMs, retryBackoffMs } = this.#settings
    const limits = { runtime, timeoutMs, retryBackoffMs, signal }
    this.#shared ??= untilAnswered('the producer id', limits, (attempt) =>
      this.#transport.send(initProducerId, request, attempt),
    ).catch((error: unknown) => {
      this.#shared = undefined
      // An id that nobody uses does no harm, and no record was written.
      throw KafkaError.is(error) ? withOutcome(error, 'failed') : error
    })
    return this.#shared
  }

  onGap(_error: unknown, { producerId, producerEpoch }: ProducerIdentity): ProducerIdentity | undefined {
    if (producerEpoch < lastEpoch)
      return { producerId, producerEpoch: producerEpoch + 1, nextSequence: 0, isProven: false, hasStray: false }
    this.#shared = undefined
    return undefined
  }
}
