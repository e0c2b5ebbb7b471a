import type { Clock, KafkaErrorName } from '@kafkado/core'
import { type RecordBatchHeader, sequenceAfter } from '@kafkado/core/internal'
import type { StoredProducer, StoredProducerBatch } from '../storage/metadata-record.ts'
import { Refusal } from '../refusals/refusal.ts'
import { momentOf } from '../records/stored-time.ts'

/** As many batches as Kafka's producers may have in flight while they keep their order. */
const batchesRemembered = 5

/** What to do with a batch that has a producer id. */
export type SequenceVerdict =
  | Refusal
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly baseOffset: number; readonly timestampMs: number }

/**
 * The producers of one partition. By it, a batch that arrives twice is appended once, and open transactions are known.
 */
export class ProducerState {
  readonly #clock: Clock
  readonly #producers = new Map<number, StoredProducer>()
  /** The last write of each producer, by the monotonic clock. */
  readonly #usedMs = new Map<number, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  replay(producerId: number, producer: StoredProducer | null): void {
    if (producer) {
      this.#producers.set(producerId, producer)
      this.#usedMs.set(producerId, momentOf(this.#clock, producer.lastAppendMs))
    } else {
      this.#producers.delete(producerId)
      this.#usedMs.delete(producerId)
    }
  }

  check(header: RecordBatchHeader): SequenceVerdict {
    const { producerId, producerEpoch, baseSequence, lastOffsetDelta, isTransactional } = header
    const producer = this.#producers.get(producerId)
    if (!producer) {
      // If the log does not know a transaction under way, it replaces an earlier log, as after its topic was made
      // again.
      if (!isTransactional || baseSequence === 0) return { kind: 'append' }
      const message = `begins its transaction here with sequence ${baseSequence} instead of 0`
      return refuse('OUT_OF_ORDER_SEQUENCE_NUMBER', message)
    }
    if (producerEpoch < producer.epoch)
      return refuse('INVALID_PRODUCER_EPOCH', `is at epoch ${producer.epoch}, the batch says ${producerEpoch}`)
    // Even with a newer epoch, which would replace the transaction here: its end would then decide nothing.
    const isOutside = producer.transactionStartOffset !== null && !isTransactional
    if (producerEpoch > producer.epoch) {
      if (isOutside) return outside()
      if (baseSequence === 0) return { kind: 'append' }
      const message = `begins epoch ${producerEpoch} with sequence ${baseSequence} instead of 0`
      return refuse('OUT_OF_ORDER_SEQUENCE_NUMBER', message)
    }
    const lastSequence = sequenceAfter(baseSequence, lastOffsetDelta)
    for (const [first, last, baseOffset, , timestampMs] of producer.batches) {
      if (first === baseSequence && last === lastSequence) return { kind: 'duplicate', baseOffset, timestampMs }
    }
    if (isOutside) return outside()
    const latest = producer.batches.at(-1)
    const expected = latest ? sequenceAfter(latest[1], 1) : 0
    if (baseSequence === expected) return { kind: 'append' }
    return refuse('OUT_OF_ORDER_SEQUENCE_NUMBER', `sent sequence ${baseSequence} where ${expected} comes next`)

    function outside(): Refusal {
      return refuse('INVALID_TXN_STATE', 'has an open transaction here, and the batch is not a part of it')
    }
    function refuse(error: KafkaErrorName, message: string): Refusal {
      return new Refusal(error, `producer ${producerId} ${message}`)
    }
  }

  /** The stored state of the producer after a batch that `check` accepted. */
  appended(header: RecordBatchHeader, baseOffset: number, timestampMs: number, nowMs: number): StoredProducer {
    const { producerId, producerEpoch, baseSequence, lastOffsetDelta, isTransactional } = header
    const known = this.#producers.get(producerId)
    const earlier = known?.epoch === producerEpoch ? known.batches.slice(1 - batchesRemembered) : []
    const lastSequence = sequenceAfter(baseSequence, lastOffsetDelta)
    const lastOffset = baseOffset + lastOffsetDelta
    const batch: StoredProducerBatch = [baseSequence, lastSequence, baseOffset, lastOffset, timestampMs]
    const transactionStartOffset = isTransactional ? (known?.transactionStartOffset ?? baseOffset) : null
    return { epoch: producerEpoch, lastAppendMs: nowMs, batches: [...earlier, batch], transactionStartOffset }
  }

  /**
   * Like `appended`, for the marker that ends a transaction. The producer gets its epoch, so that late batches are
   * refused.
   */
  ended(producerId: number, markerEpoch: number, nowMs: number): StoredProducer {
    const known = this.#producers.get(producerId)
    const batches = known?.epoch === markerEpoch ? known.batches : []
    return { epoch: markerEpoch, lastAppendMs: nowMs, batches, transactionStartOffset: null }
  }

  get(producerId: number): StoredProducer | undefined {
    return this.#producers.get(producerId)
  }

  /** The producers without a write since that moment of the monotonic clock, and without an open transaction. */
  idle(beforeMs: number): number[] {
    const idle = [...this.#producers].filter(
      ([producerId, { transactionStartOffset }]) =>
        transactionStartOffset === null && (this.#usedMs.get(producerId) as number) < beforeMs,
    )
    return idle.map(([producerId]) => producerId)
  }

  entries(): Iterable<[producerId: number, producer: StoredProducer]> {
    return this.#producers
  }
}
