import type { RecordMetadata } from '@kafkado/core'
import { BatchDeliveryError } from './batch-delivery-error.ts'
import { Delivery, type Waiter } from './delivery.ts'
import type { UnawaitedSends } from './unawaited-sends.ts'

/**
 * One promise for many records that are sent together. A promise per record would cost more than the record itself. It
 * settles when all records have, and rejects when one was not delivered.
 */
export class BatchDelivery extends Delivery<RecordMetadata[]> implements Waiter {
  readonly #topic: string
  readonly #delivered: RecordMetadata[]
  readonly #failures = new Map<number, unknown>()
  #left: number

  constructor(topic: string, count: number, sends: UnawaitedSends) {
    super(sends)
    this.#topic = topic
    this.#left = count
    this.#delivered = Array.from<RecordMetadata>({ length: count })
    if (count === 0) this.resolve([])
  }

  /** @param index the place of the record in the batch */
  delivered(index: number, metadata: RecordMetadata): void {
    this.#delivered[index] = metadata
    this.#settled()
  }

  failed(index: number, error: unknown): void {
    this.#failures.set(index, error)
    this.#settled()
  }

  #settled(): void {
    if (--this.#left > 0) return
    if (this.#failures.size === 0) this.resolve(this.#delivered)
    else this.reject(new BatchDeliveryError(this.#topic, this.#results()))
  }

  #results(): PromiseSettledResult<RecordMetadata>[] {
    return Array.from(this.#delivered, (value, index) =>
      this.#failures.has(index)
        ? { status: 'rejected', reason: this.#failures.get(index) }
        : { status: 'fulfilled', value },
    )
  }
}
