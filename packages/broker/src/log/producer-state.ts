import type { KafkaErrorName } from '@kafkado/core'
import type { RecordBatchHeader } from '@kafkado/core/internal'
import type { StoredProducer, StoredProducerBatch } from '../storage/metadata-record.ts'

/** As many as Kafka's producers may have in flight while they keep their order. */
const batchesRemembered = 5
/** Sequence numbers run from 0 to 2^31 − 1 and start over. */
const sequences = 2 ** 31

/** What becomes of a batch with a producer id. */
export type SequenceVerdict =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly baseOffset: number; readonly timestampMs: number }
  | { readonly kind: 'refuse'; readonly error: KafkaErrorName; readonly message: string }

/** What one partition knows of the producers that write to it, so that a batch which comes twice is appended once. */
export class ProducerState {
  readonly #producers = new Map<number, StoredProducer>()

  restore(producerId: number, producer: StoredProducer): void {
    this.#producers.set(producerId, producer)
  }

  check({ producerId, producerEpoch, baseSequence, lastOffsetDelta }: RecordBatchHeader): SequenceVerdict {
    const producer = this.#producers.get(producerId)
    if (!producer) return { kind: 'append' }
    if (producerEpoch < producer.epoch) {
      const message = `producer ${producerId} is at epoch ${producer.epoch}, the batch says ${producerEpoch}`
      return { kind: 'refuse', error: 'INVALID_PRODUCER_EPOCH', message }
    }
    if (producerEpoch > producer.epoch) {
      if (baseSequence === 0) return { kind: 'append' }
      const message = `producer ${producerId} begins epoch ${producerEpoch} with sequence ${baseSequence} instead of 0`
      return { kind: 'refuse', error: 'OUT_OF_ORDER_SEQUENCE_NUMBER', message }
    }
    const lastSequence = sequenceAfter(baseSequence, lastOffsetDelta)
    for (const [first, last, baseOffset, , timestampMs] of producer.batches) {
      if (first === baseSequence && last === lastSequence) return { kind: 'duplicate', baseOffset, timestampMs }
    }
    const expected = sequenceAfter((producer.batches.at(-1) as StoredProducerBatch)[1], 1)
    if (baseSequence === expected) return { kind: 'append' }
    const message = `producer ${producerId} sent sequence ${baseSequence} where ${expected} comes next`
    return { kind: 'refuse', error: 'OUT_OF_ORDER_SEQUENCE_NUMBER', message }
  }

  /** Takes note of a batch that `check` let pass; returns what has to be kept with it. */
  append(header: RecordBatchHeader, baseOffset: number, timestampMs: number, nowMs: number): StoredProducer {
    const { producerId, producerEpoch, baseSequence, lastOffsetDelta } = header
    const known = this.#producers.get(producerId)
    const earlier = known?.epoch === producerEpoch ? known.batches.slice(1 - batchesRemembered) : []
    const lastSequence = sequenceAfter(baseSequence, lastOffsetDelta)
    const batch: StoredProducerBatch = [
      baseSequence,
      lastSequence,
      baseOffset,
      baseOffset + lastOffsetDelta,
      timestampMs,
    ]
    const producer = { epoch: producerEpoch, lastAppendMs: nowMs, batches: [...earlier, batch] }
    this.#producers.set(producerId, producer)
    return producer
  }

  get producerIds(): Iterable<number> {
    return this.#producers.keys()
  }
}

function sequenceAfter(sequence: number, steps: number): number {
  return (sequence + steps) % sequences
}
