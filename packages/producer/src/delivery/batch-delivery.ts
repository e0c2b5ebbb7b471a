import type { RecordMetadata } from '@kafkado/core'
import { BatchDeliveryError } from './batch-delivery-error.ts'
import type { Waiter } from './delivery.ts'
import type { UnawaitedSends } from './unawaited-sends.ts'

/**
 * The promise of many records that are sent together, as a promise for each would cost more than the record does. It settles when all of them
 * have, and rejects when one was not delivered.
 */
export class BatchDelivery {
  readonly promise: Promise<RecordMetadata[]>
  readonly #topic: string
  readonly #sends: UnawaitedSends
  readonly #place: number
  readonly #delivered: RecordMetadata[]
  readonly #failures = new Map<number, unknown>()
  #left: number
  #resolve!: (delivered: RecordMetadata[]) => void
  #reject!: (error: unknown) => void

  constructor(topic: string, count: number, sends: UnawaitedSends) {
    this.#topic = topic
    this.#sends = sends
    this.#place = sends.next()
    this.#left = count
    this.#delivered = Array.from<RecordMetadata>({ length: count })
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    if (count === 0) this.#resolve([])
  }

  /** Waits for one of the records. */
  waiter(index: number): Waiter {
    return new BatchWaiter(this, index)
  }

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
    if (this.#failures.size === 0) {
      this.#resolve(this.#delivered)
      return
    }
    this.#sends.failing(this.promise, this.#place)
    this.#reject(
      new BatchDeliveryError(
        this.#topic,
        Array.from(this.#delivered, (value, index) => this.#result(index, value)),
      ),
    )
  }

  #result(index: number, value: RecordMetadata): PromiseSettledResult<RecordMetadata> {
    return this.#failures.has(index)
      ? { status: 'rejected', reason: this.#failures.get(index) }
      : { status: 'fulfilled', value }
  }
}

class BatchWaiter implements Waiter {
  timestamp = 0
  readonly #delivery: BatchDelivery
  readonly #index: number

  constructor(delivery: BatchDelivery, index: number) {
    this.#delivery = delivery
    this.#index = index
  }

  resolve(metadata: RecordMetadata): void {
    this.#delivery.delivered(this.#index, metadata)
  }

  reject(error: unknown): void {
    this.#delivery.failed(this.#index, error)
  }
}
